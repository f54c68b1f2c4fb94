"""The network interface of a terminated machine stays for ever, attached to nothing.

AWS deletes the interfaces it made with a machine; moto does only when the launch says so in one of several forms, and loses it on
the way through a launch template.
"""

from __future__ import annotations

from moto.ec2.models.instances import Instance


def apply() -> None:
    stock = Instance.terminate

    def terminate(self):
        state = stock(self)
        # The address is not given back to the subnet: AWS hands out another one for a while, and a replaced machine that comes
        # back at its predecessor's address would meet peers that remember it.
        for interface in self.nics.values():
            self.ec2_backend.enis.pop(interface.id, None)
        return state

    Instance.terminate = terminate
