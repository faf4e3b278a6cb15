"""`backmice reconcile`."""

import sys

import click

from backmice import reconciliation
from backmice.commands.options import EVERYBODY, in_data_directory
from backmice.data_directory import DataDirectory
from backmice.reconciling import Scope
from backmice.service_commands import MISUSED


@click.command(help="compare what was given out with what was applied")
@in_data_directory(made=False)
@click.option("--tenant", default="", help=f"of this tenant only; {EVERYBODY}")
@click.option("--all-tenants", is_flag=True, help="of whichever tenant")
@click.option("--grace", type=float, default=10.0, help="seconds to wait for the rest")
@click.option("--stuck", type=float, default=60.0, help="seconds until one is stuck")
@click.option("--repair", is_flag=True, help="publish again what is missing")
@click.option("--by", default="", help="who repairs; is audited")
@click.option("--why", default="", help="for what; is audited")
@click.option("--every", type=float, default=0.0, help="look again after so many seconds")
@click.option("--textfile", default="", help="write figures for Prometheus there")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object a line")
def reconcile(
    folder: DataDirectory,
    *,
    tenant: str,
    all_tenants: bool,
    grace: float,
    stuck: float,
    repair: bool,
    by: str,
    why: str,
    every: float,
    textfile: str,
    as_json: bool,
) -> int:
    if tenant and all_tenants:
        raise click.UsageError("--all-tenants: not allowed with --tenant")
    if repair and not (by and why and (tenant or all_tenants)):
        sentence = "--repair changes something: say --tenant (or --all-tenants), --by and --why"
        print(f"backmice: {sentence}", file=sys.stderr)
        return MISUSED
    repairer = reconciliation.Repair(by, why) if repair else None
    options = reconciliation.Options(
        Scope(tenant, grace, stuck), repairer, every, textfile, as_json
    )
    return reconciliation.reconcile(folder, options)
