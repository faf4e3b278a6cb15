"""`python -m diagnosis api | worker [--with-relay] | relay | migrate | describe | operate …`."""

from chassis.service.command import main

main("diagnosis.app:SERVICE")
