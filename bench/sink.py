"""`python -m bench.sink PORT`: a mail server that takes everything and keeps nothing, in a process of its own."""

from __future__ import annotations

import asyncio
import sys

from aiosmtpd.smtp import SMTP


class _Sink:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - the name that aiosmtpd calls
        return "250 OK"


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Sink(), hostname="sink", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
