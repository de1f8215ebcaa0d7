"""A mail server on 127.0.0.1, as strict as RFC 5321 where our client could be wrong."""

import base64
import contextlib
import email
import email.policy
import socketserver
import ssl
import threading
from email.message import EmailMessage


class MailServer:
    """A real SMTP server that keeps what it took and refuses what it is told to refuse.

    Args:
        tls: A server-side context; then it offers STARTTLS, and takes no mail before it.
        login: user and password without which it takes no mail.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
    ) -> None:
        """Start listening on a free port."""
        self.accepted: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.sessions = 0
        self.unknown: set[str] = set()
        self.answers: list[bytes] = []
        self.refusal = "535 wrong password"
        server = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 20

            def handle(self) -> None:
                server.sessions += 1
                with contextlib.suppress(OSError):
                    server.talk(self, tls, login)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.server_address[1]

    def url(self, host: str = "localhost", to: str = "ops@example.com,dba@example.com") -> str:
        """Return the address by which a destination knows it."""
        return f"smtp://{host}:{self.port}?from=plumb@example.com&to={to}"

    def stop(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def answer_next(self, *answers: bytes) -> None:
        """Answer the next mails so when their data begins, one each."""
        self.answers = list(answers)

    def talk(  # noqa: PLR0912
        self,
        session: socketserver.StreamRequestHandler,
        tls: ssl.SSLContext | None,
        login: tuple[str, str] | None,
    ) -> None:
        """Hold one session."""
        reader, writer = session.rfile, session.wfile
        is_secure, is_known, sender, recipients = tls is None, login is None, "", []
        writer.write(b"220 mail.example.com ESMTP\r\n")
        while line := reader.readline():
            command, _, rest = line.decode().strip().partition(" ")
            match command.upper():
                case "EHLO" if not is_secure:
                    writer.write(b"250-mail.example.com\r\n250 STARTTLS\r\n")
                case "EHLO":
                    writer.write(b"250-mail.example.com\r\n250 AUTH PLAIN\r\n")
                case "STARTTLS" if tls and not is_secure:
                    writer.write(b"220 go ahead\r\n")
                    secured = tls.wrap_socket(session.connection, server_side=True)
                    reader, writer = secured.makefile("rb"), secured.makefile("wb", buffering=0)
                    is_secure = True
                case "AUTH" if is_secure and login:
                    given = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[1:]
                    is_known = tuple(given) == login
                    answer = "235 welcome" if is_known else self.refusal
                    writer.write(f"{answer}\r\n".encode())
                case "MAIL" if not is_secure or not is_known:
                    writer.write(b"530 not before TLS and AUTH\r\n")
                case "MAIL":
                    sender, recipients = rest.partition("<")[2].partition(">")[0], []
                    writer.write(b"250 ok\r\n")
                case "RCPT":
                    recipient = rest.partition("<")[2].partition(">")[0]
                    if recipient in self.unknown:
                        writer.write(b"550 no such user\r\n")
                    else:
                        recipients.append(recipient)
                        writer.write(b"250 ok\r\n")
                case "DATA" if self.answers:
                    writer.write(self.answers.pop(0) + b"\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(reader, sender, recipients)
                    writer.write(b"250 queued\r\n")
                case "RSET" | "NOOP":
                    writer.write(b"250 ok\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"502 not implemented\r\n")

    def _take(self, reader: object, sender: str, recipients: list[str]) -> None:
        lines = []
        while (line := reader.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.envelopes.append((sender, recipients))
        self.accepted.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
