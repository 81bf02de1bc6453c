#!/usr/bin/python3
"""A real SMTP server for tests: it keeps what it is given, and misbehaves for recipients whose names ask for it.

usage: smtp_server.py --port N --keep DIR [--cert FILE --key FILE] [--tls | --starttls] [--auth USER:PASSWORD]

Each message is a file DIR/N.json: what the envelope says, what a MIME parser makes of the message, and its bytes. The
server prints "ready" when it listens, and ends with its standard input.

  refused@…   RCPT is answered 550        later@…    RCPT is answered 451
  spam@…      the message is answered 554  hang@…     the message is taken and never answered
  lost@…      the message is kept, and the connection lost before the answer
  wait@…      the message is kept, and answered when there is a file DIR/answer: with what stands in it
"""
import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, directory):
        self.directory = directory
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "refused":
            return "550 5.1.1 no such mailbox here"
        if name == "later":
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = {address.partition("@")[0] for address in envelope.rcpt_tos}
        if "spam" in names:
            return "554 5.7.1 we do not want this"
        if "hang" in names:
            await asyncio.sleep(600)
        self.keep(session, envelope)
        if "lost" in names:
            server.transport.abort()
        return await self.awaited_answer() if "wait" in names else "250 OK"

    async def awaited_answer(self):
        name = os.path.join(self.directory, "answer")
        while not os.path.exists(name):
            await asyncio.sleep(0.02)
        with open(name, encoding="utf-8") as file:
            return file.read()

    def keep(self, session, envelope):
        content = envelope.content
        message = email.message_from_bytes(content, policy=email.policy.default)
        parts = [p for p in message.walk() if not p.is_multipart()]
        self.count += 1
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data if session.authenticated else None,
            "type": message.get_content_type(),
            "headers": [[name, str(value)] for name, value in message.items()],
            "defects": [repr(d) for p in message.walk() for d in p.defects],
            "parts": [[p.get_content_type(), p.get_content()] for p in parts],
            "longest_line": max(len(line) for line in content.split(b"\r\n")),
            "bare_newlines": content.replace(b"\r\n", b"").count(b"\n") + content.replace(b"\r\n", b"").count(b"\r"),
        }
        name = os.path.join(self.directory, "%d.json" % self.count)
        with open(name + ".part", "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False, indent=1)
        os.rename(name + ".part", name)


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--keep", required=True)
    options.add_argument("--cert")
    options.add_argument("--key")
    options.add_argument("--tls", action="store_true")
    options.add_argument("--starttls", action="store_true")
    options.add_argument("--auth")
    given = options.parse_args()

    context = None
    if given.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(given.cert, given.key)

    def authenticate(server, session, envelope, mechanism, data):
        right = given.auth == "%s:%s" % (data.login.decode(), data.password.decode())
        return AuthResult(success=right, handled=False, auth_data=data.login.decode())

    keeper = Keeper(given.keep)

    def serve():
        return SMTP(
            keeper,
            hostname="mail.test",
            tls_context=context if given.starttls else None,
            require_starttls=given.starttls,
            auth_required=given.auth is not None,
            auth_require_tls=given.starttls,
            authenticator=authenticate if given.auth else None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(
        serve, "127.0.0.1", given.port, ssl=context if given.tls else None)
    print("ready", flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
