"""The emulated account's users: who may call before anything is deployed."""

from __future__ import annotations

import json

# `deployer`: the person or pipeline that runs Terraform. `region`: AWS itself, that is the part of the sandbox that acts
# for its services (boots machines, hands role credentials to them); trust policies see it as those services.
DEPLOYER = "deployer"
REGION = "region"
REGION_SERVICES = ("ec2.amazonaws.com", "autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com")

ADMINISTRATOR = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def create(account_id: str) -> dict[str, dict[str, str]]:
    from moto.iam.models import iam_backends

    backend = iam_backends[account_id]["aws"]
    credentials = {}
    for user in (DEPLOYER, REGION):
        backend.create_user("us-east-1", user, "/")
        backend.put_user_policy(user, "administrator", ADMINISTRATOR)
        key = backend.create_access_key(user)
        credentials[user] = {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
    return credentials
