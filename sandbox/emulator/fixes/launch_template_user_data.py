"""User data of a template's second version breaks the autoscaling group that launches from it.

moto parses `UserData` when a template is created, not when a version is added; a scale-out then answers 500 (AssertionError).
"""

from moto.ec2.models import launch_templates
from moto.ec2.utils import parse_user_data


def apply() -> None:
    stock = launch_templates.LaunchTemplate.create_version

    def create_version(self, data, description):
        # parse_user_data's own result is a subclass of str.
        if type(data.get("UserData")) is str:
            data["UserData"] = parse_user_data(data["UserData"])
        return stock(self, data, description)

    launch_templates.LaunchTemplate.create_version = create_version
