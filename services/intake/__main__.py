"""`python -m intake api | worker [--with-relay] | relay | migrate | describe | operate …`."""

from chassis.service.command import main

main("intake.app:SERVICE")
