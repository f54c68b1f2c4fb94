"""A launch template's own tags come back among the tags of what it launches.

moto keeps the request's `TagSpecification` (tags of the template) inside `LaunchTemplateData.TagSpecifications`, so Terraform
sees a `tag_specifications` block nobody wrote and plans a change for ever.
"""

from moto.ec2.models import launch_templates


def apply() -> None:
    stock = launch_templates.LaunchTemplate.__init__

    def init(self, backend, name, template_data, version_description, tag_spec):
        specifications = template_data.pop("TagSpecifications", None) or []
        launched = [one for one in specifications if one.get("ResourceType") != "launch-template"]
        if launched:
            template_data["TagSpecifications"] = launched
        stock(self, backend, name, template_data, version_description, tag_spec)

    launch_templates.LaunchTemplate.__init__ = init
