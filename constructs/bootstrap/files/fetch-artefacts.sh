#!/bin/bash
# Fetches objects of the region's artefact bucket side by side, with the machine's own role.
# Standard input: `<key> <file>` a line. Retries are curl's own; checking contents is the caller's part.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/platform/bootstrap.env

case "$REGION" in
  cn-*) domain=amazonaws.com.cn ;;
  *) domain=amazonaws.com ;;
esac
endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-https://s3.$REGION.$domain}}
metadata=http://169.254.169.254/latest

# Tokens and keys go to curl by standard input only: arguments are for everybody to read.
request() {
  curl --config - --silent --show-error --no-progress-meter --fail --connect-timeout 5 \
    --retry 60 --retry-delay 1 --retry-max-time 60 --retry-all-errors "$@"
}

session=$(request --request PUT "$metadata/api/token" <<< 'header = "x-aws-ec2-metadata-token-ttl-seconds: 300"')
ask() {
  request "$metadata/meta-data/$1" <<< "header = \"x-aws-ec2-metadata-token: $session\""
}
role=$(ask iam/security-credentials/)
credentials=$(ask "iam/security-credentials/$role")

# cloud-init is written in Python, so every image that runs this has it.
signed=$(python3 -c '
import json, sys
given = json.load(sys.stdin)
print("user = %s" % json.dumps(given["AccessKeyId"] + ":" + given["SecretAccessKey"]))
print("header = %s" % json.dumps("x-amz-security-token: " + given["Token"]))
' <<< "$credentials")

objects=
while read -r key file; do
  objects+="url = \"$endpoint/$ARTEFACT_BUCKET/$key\""$'\n'"output = \"$file\""$'\n'
done
request --aws-sigv4 "aws:amz:$REGION:s3" --parallel --parallel-immediate --fail-early --create-dirs <<< "$signed"$'\n'"$objects"
