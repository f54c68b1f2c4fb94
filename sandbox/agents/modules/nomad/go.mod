module edge-fleet.invalid/agents/nomad

go 1.25.3

require (
	github.com/hashicorp/nomad v1.11.1
	github.com/hashicorp/nomad/api v0.0.0-20251216171439-1dee0671280e
)

replace github.com/Microsoft/go-winio => github.com/endocrimes/go-winio v0.4.13-0.20190628114223-fb47a8b41948

replace github.com/hashicorp/hcl => github.com/hashicorp/hcl v1.0.1-nomad-1
