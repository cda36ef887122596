#!/usr/bin/env python3
"""The figures that Brownout is measured by, one a line. Not a test: machines differ.

usage: figures.py BROWNOUT SOURCE_ROOT
"""
import glob
import http.server
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

RUNS = 3


def sweep(brownout, scenario):
    """Points a second of the best of some runs, on one processor."""
    best = 0.0
    for _ in range(RUNS):
        out = subprocess.run([brownout, "run", scenario, "-j1", "--json", "-"], check=True,
                             stdout=subprocess.PIPE).stdout
        result = json.loads(out)["scenarios"][0]
        best = max(best, result["points"] / result["seconds"])
    return result["points"], best


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def live_update(brownout):
    """Seconds of wall time of a full-size update over loopback, download to confirmed."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run("openssl ecparam -name prime256v1 -genkey -noout -out key.pem;"
                       "openssl ec -in key.pem -pubout -out pub.pem", shell=True, **quiet)
        for version in (1, 2):
            with open("app.bin", "wb") as file:
                file.write(os.urandom(0xDE000 - 300))
            name = f"v{version}.bin"
            subprocess.run([brownout, "image", "pack", "--version", str(version), "app.bin", "-o",
                            name], **quiet)
            subprocess.run([brownout, "image", "sign", "--key", "key.pem", name], **quiet)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        subprocess.run([brownout, "manifest", "v2.bin", "--url-base", base, "-o", "ota.json"],
                       **quiet)
        subprocess.run([brownout, "device", "new", "dev", "--factory", "v1.bin", "--key",
                        "pub.pem"], **quiet)
        started = time.monotonic()
        subprocess.run([brownout, "device", "boot", "dev", "--manifest-url", base + "ota.json",
                        "--until", "version=2"], **quiet)
        return time.monotonic() - started


def lines(root):
    total = 0
    for folder in ("core", "bootloader"):
        for path in glob.glob(os.path.join(root, folder, "*.[ch]")):
            with open(path, encoding="utf-8") as file:
                total += sum(1 for _ in file)
    return total


def main():
    brownout = os.path.abspath(sys.argv[1])
    root = os.path.abspath(sys.argv[2])
    for name in ("update-full-size", "update"):
        points, rate = sweep(brownout, os.path.join(root, "scenarios/update", name + ".json"))
        print(f"{name:20} {points:6} one-cut points, {rate:6.0f} a second on one processor")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"memory               {memory / 1024:.1f} MB resident at most")
    print(f"live update          {live_update(brownout):.2f} s, full size over loopback")
    print(f"core + bootloader    {lines(root)} lines")


main()
