"""The way of today: coroutines, a transaction that is taken back when it fails, and a limit on time.

Any DB-API 2.0 driver serves. For PostgreSQL:  python examples/databases/transfer.py psycopg "dbname=test"
"""

import sys

from ropewalk.enterprise.adbapi import ConnectionPool, QueryTimeout
from ropewalk.internet.task import react

# Each driver has its own mark for a parameter (its `paramstyle`), and each database its own way to be slow.
MARK = {"psycopg": "%s", "sqlite3": "?"}
SLOW = {
    "psycopg": "select pg_sleep(60)",
    "sqlite3": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
}


def transfer(txn, mark, giver, taker, amount):
    add = f"update accounts set amount = amount + {mark} where name = {mark}"
    txn.execute(add, (amount, taker))
    txn.execute(add, (-amount, giver))
    txn.execute(f"select amount from accounts where name = {mark}", (giver,))
    (left,) = txn.fetchone()
    if left < 0:
        raise ValueError(f"{giver} has not that much")
    return left


async def main(reactor, driver="sqlite3", database=":memory:"):
    pool = ConnectionPool(driver, database, cp_max=1, cp_reconnect=True, cp_timeout=10)
    await pool.runOperation("create table accounts (name varchar(20), amount int)")
    await pool.runOperation("insert into accounts values ('ann', 10), ('bob', 0)")

    print("ann has", await pool.runInteraction(transfer, MARK[driver], "ann", "bob", 7), "left")
    try:
        await pool.runInteraction(transfer, MARK[driver], "ann", "bob", 7)
    except ValueError as problem:
        print("no:", problem)
    for name, amount in await pool.runQuery("select name, amount from accounts order by name"):
        print(name, amount)

    try:
        await pool.using(timeout=0.1).runQuery(SLOW[driver])
    except QueryTimeout as problem:
        print("too slow:", problem)
    await pool.runOperation("drop table accounts")
    print("calls that were answered:", pool.statistics().finished)


react(main, sys.argv[1:])
