"""The maintenance policy of an autoscaling group is accepted and forgotten, so Terraform plans to add it for ever."""

from moto.autoscaling import models, responses


def apply() -> None:
    models.FakeAutoScalingGroup.instance_maintenance_policy = None
    for action in ("create_auto_scaling_group", "update_auto_scaling_group"):
        setattr(responses.AutoScalingResponse, action, _keeping(getattr(responses.AutoScalingResponse, action)))


def _keeping(stock):
    def handle(self):
        result = stock(self)
        given = self._get_params().get("InstanceMaintenancePolicy")
        if given is not None:
            policy = {name: int(value) for name, value in given.items()}
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            # -1 for both is how a caller takes it away.
            group.instance_maintenance_policy = None if set(policy.values()) == {-1} else policy
        return result

    return handle
