#!/usr/bin/env python3
"""A live update, killed with SIGKILL at random moments and started again each time.

usage: kill.py BROWNOUT [KILLS [SEED]]

Devices with version 1 are updated to version 2 from a real HTTP server, one after the other, until
KILLS processes have been killed. Every device must end in version 2, confirmed, whatever happened
to it on the way. Every second device talks to a server that knows no Range, so that nothing can be
resumed. The server is slow enough for the kills to spread over download, install and trial.
"""
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

CODE_SIZE = 600000
PIECE = 16384
PIECE_S = 0.002


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args):
        super().__init__(*args, directory=self.folder)

    def log_message(self, *args):
        pass

    def send_head(self):
        self.start = 0
        wanted = self.headers.get("Range", "")
        path = self.translate_path(self.path)
        if not self.knows_range or not wanted.startswith("bytes=") or not os.path.isfile(path):
            return super().send_head()
        size = os.path.getsize(path)
        stamp = self.date_time_string(os.path.getmtime(path))
        start = int(wanted[6:].split("-")[0])
        if self.headers.get("If-Range") != stamp or start >= size:
            return super().send_head()
        self.start = start
        self.send_response(206)
        self.send_header("Content-Length", str(size - start))
        self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Last-Modified", stamp)
        self.end_headers()
        return open(path, "rb")

    def copyfile(self, source, output):
        source.seek(self.start)
        while piece := source.read(PIECE):
            output.write(piece)
            time.sleep(PIECE_S)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # the client was killed


def serve(folder, knows_range):
    handler = type("FolderHandler", (Handler,), {"folder": folder, "knows_range": knows_range})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def make_images(brownout, folder):
    key = os.path.join(folder, "key.pem")
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    run("openssl", "ec", "-in", key, "-pubout", "-out", os.path.join(folder, "pub.pem"))
    for version in (1, 2):
        code = os.path.join(folder, "app.bin")
        image = os.path.join(folder, f"v{version}.bin")
        with open(code, "wb") as file:
            file.write(random.Random(version).randbytes(CODE_SIZE))
        run(brownout, "image", "pack", "--version", str(version), code, "-o", image)
        run(brownout, "image", "sign", "--key", key, image)


def boot(brownout, device, url, kill_after_s):
    """Returns True when the device got there, False when it was killed."""
    process = subprocess.Popen(
        [brownout, "device", "boot", device, "--manifest-url", url, "--until", "version=2",
         "--timeout", "60"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=kill_after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return False
    if process.returncode != 0:
        sys.exit(f"device boot ended with {process.returncode}:\n{output.decode()}")
    return True


def check(brownout, device):
    text = subprocess.run([brownout, "device", "inspect", "--json", device], check=True,
                          stdout=subprocess.PIPE).stdout
    survey = json.loads(text)
    control = survey["boot_control"]
    if control.get("version") != 2 or control.get("status") != "valid" or \
            survey["program_flash"]["state"] != "verified":
        sys.exit(f"the device did not end in version 2, confirmed:\n{text.decode()}")


def main():
    brownout = os.path.abspath(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    moments = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    folder = tempfile.mkdtemp(prefix="brownout-kill-")
    kills = devices = 0
    try:
        make_images(brownout, folder)
        run(brownout, "manifest", os.path.join(folder, "v2.bin"), "--url-base", "http://x/", "-o",
            os.path.join(folder, "made.json"))
        while kills < wanted:
            base = serve(folder, knows_range=devices % 2 == 0)
            with open(os.path.join(folder, "made.json"), encoding="utf-8") as file:
                text = file.read().replace("http://x/", base)
            with open(os.path.join(folder, "ota.json"), "w", encoding="utf-8") as file:
                file.write(text)
            device = os.path.join(folder, f"device{devices}")
            run(brownout, "device", "new", device, "--factory", os.path.join(folder, "v1.bin"),
                "--key", os.path.join(folder, "pub.pem"))
            while kills < wanted and not boot(brownout, device, base + "ota.json",
                                              moments.uniform(0.005, 0.45)):
                kills += 1
            boot(brownout, device, base + "ota.json", 60)
            check(brownout, device)
            shutil.rmtree(device)
            devices += 1
    finally:
        shutil.rmtree(folder)
    print(f"{kills} kills, {devices} devices, all in version 2")


main()
