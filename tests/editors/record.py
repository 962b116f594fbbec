#!/usr/bin/env python3
"""Between an editor and a language server: record.py LOG.jsonl SERVER ARGS...

Writes each message of both directions as {"t": milliseconds, "dir": "c2s" | "s2c", "msg": …} before it is passed on, so that an answer
never stands before its request."""

import json
import os
import subprocess
import sys
import threading
import time

STARTED, LOCK = time.perf_counter(), threading.Lock()


def whole_messages(source):
    buffer = b""
    while block := os.read(source, 1 << 16):
        buffer += block
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            fields = dict(line.lower().split(b":", 1) for line in buffer[:end].split(b"\r\n"))
            size = end + 4 + int(fields[b"content-length"])
            if len(buffer) < size:
                break
            yield buffer[:size], buffer[end + 4:size]
            buffer = buffer[size:]
    if buffer:
        yield buffer, b"null"  # cut off: the log shows a message that is none


def pump(source, sink, direction, log):
    try:
        for raw, body in whole_messages(source):
            entry = {"t": round((time.perf_counter() - STARTED) * 1000, 3), "dir": direction, "msg": json.loads(body)}
            with LOCK:
                log.write(json.dumps(entry, ensure_ascii=False) + "\n")
                log.flush()
            view = memoryview(raw)
            while view:
                view = view[os.write(sink, view):]
    except OSError:
        pass  # the other end has left


def main():
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with open(sys.argv[1], "a", encoding="utf-8") as log:
        def to_server():
            pump(0, server.stdin.fileno(), "c2s", log)
            server.stdin.close()

        threading.Thread(target=to_server, daemon=True).start()
        answers = threading.Thread(target=pump, args=(server.stdout.fileno(), 1, "s2c", log))
        answers.start()
        code = server.wait()
        answers.join(2)
        log.flush()
        os._exit(code if code >= 0 else 128 - code)  # the other thread may still wait for the editor


main()
