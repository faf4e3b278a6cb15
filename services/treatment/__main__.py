"""`python -m treatment api | worker [--with-relay] | relay | migrate | describe | operate …`."""

from chassis.service.command import main

main("treatment.app:SERVICE")
