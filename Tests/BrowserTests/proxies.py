"""nginx and Apache as ordinary processes, with the very files of docs/proxy: only ports, certificates and places are others."""

import pathlib
import re
import socket
import ssl
import subprocess
import time

from server import PATIENCE, REPOSITORY

EXAMPLES = REPOSITORY / "docs" / "proxy"
MODULES = pathlib.Path("/usr/lib/apache2/modules")
NAME = "em.example.org"


def free_port():
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


class Proxy:
    def __init__(self, kind, folder, upstream):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.make_certificate()
        text = (EXAMPLES / f"{kind}.conf").read_text()
        for place, ours in {
            "127.0.0.1:8080": f"127.0.0.1:{upstream}", "listen 443": f"listen 127.0.0.1:{self.port}", "*:443": f"127.0.0.1:{self.port}",
            "/etc/ssl/em.example.org.pem": f"{self.folder}/cert.pem", "/etc/ssl/em.example.org.key": f"{self.folder}/key.pem",
        }.items():
            text = text.replace(place, ours)
        (self.folder / "site.conf").write_text(text)
        self.words = open(self.folder / "words", "wb")
        self.process = subprocess.Popen(getattr(self, kind)(), stdout=self.words, stderr=self.words)
        self.wait()

    def nginx(self):
        temporary = "".join(
            f"  {name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log {self.folder}/errors;\nevents {{}}\nhttp {{\n"
            f"  access_log off;\n{temporary}  include {self.folder}/site.conf;\n}}\n")
        return ["/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def apache(self):
        wanted = ["mpm_event", "authz_core", "headers", "ssl", "socache_shmcb", "proxy", "proxy_http", "proxy_wstunnel"]
        modules = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in wanted)
        (self.folder / "apache.conf").write_text(
            f"ServerRoot {self.folder}\nServerName {NAME}\nPidFile {self.folder}/pid\nErrorLog {self.folder}/errors\n{modules}"
            f"User daemon\nGroup daemon\nListen 127.0.0.1:{self.port}\nInclude {self.folder}/site.conf\n")
        return ["/usr/sbin/apache2", "-X", "-f", self.folder / "apache.conf"]

    def make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-keyout",
             self.folder / "key.pem", "-out", self.folder / "cert.pem"], check=True, capture_output=True)

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "words").read_text()
                time.sleep(0.05)

    def open(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        link = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        return context.wrap_socket(link, server_hostname=NAME)

    def ask(self, method, path, headers=(), body=""):
        """Status, head and body of one request on a link of its own."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {NAME}", "Connection: close", *headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        with self.open() as link:
            link.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            answer = b""
            while part := link.recv(65536):
                answer += part
        head, _, rest = answer.decode(errors="replace").partition("\r\n\r\n")
        return int(head.split(" ")[1]), head, rest

    def upgrade(self, path, headers):
        """The status of an attempt to open a WebSocket."""
        lines = [
            f"GET {path} HTTP/1.1", f"Host: {NAME}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: gridpilot.v1", *headers]
        with self.open() as link:
            link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return int(re.match(rb"HTTP/1.1 (\d+)", link.recv(4096))[1])

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.words.close()
