"""A target group does not follow its autoscaling group.

moto attaches a group's first instances to its target groups, and later only those of a changed size: the replacement of an
instance that was terminated never becomes a target, and an instance that scaling in removed stays one.
"""

from moto.autoscaling import models


def apply() -> None:
    stock_notify = models.AutoScalingBackend.notify_terminate_instances

    def notify(self, instance_ids):
        stock_notify(self, instance_ids)
        for name in list(self.autoscaling_groups):
            self.update_attached_target_groups(name)

    models.AutoScalingBackend.notify_terminate_instances = notify

    stock_resize = models.FakeAutoScalingGroup.set_desired_capacity

    def resize(self, new_capacity):
        before = {state.instance.id for state in getattr(self, "instance_states", [])}
        stock_resize(self, new_capacity)
        gone = before - {state.instance.id for state in self.instance_states}
        if gone:
            self.autoscaling_backend.elbv2_backend.notify_terminate_instances(list(gone))

    models.FakeAutoScalingGroup.set_desired_capacity = resize
