module edge-fleet.invalid/agents/consul

go 1.25.0

require github.com/hashicorp/consul v1.21.0

exclude github.com/hashicorp/go-msgpack v1.1.5

exclude github.com/hashicorp/go-msgpack v1.1.6

replace github.com/hashicorp/consul-awsauth => github.com/hashicorp/consul-awsauth v0.0.0-20220713182709-05ac1c5c2706
