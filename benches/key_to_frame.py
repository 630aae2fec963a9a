#!/usr/bin/env python3
"""Measures the time from a key to the end of its frame, on good and on bad networks and disks.

The real program runs in a pseudo-terminal of 120 x 40 on a store that was filled from its own demo
server. For each condition and repetition it is started anew and gets cursor steps (j, k), moves
(J, K: edits that go to the disk) and grabs (m, carried by j, dropped by Enter). A key's time ends
with the first synchronized update that shows what the key did.

  cargo build --release
  benches/key_to_frame.py [--updates 10000] [--repeat 3] [--dir DIR] [--slow SHIM.so] [--floor PROGRAM]

--dir is where the store lies: what it is on is the disk that is measured. SHIM.so is preloaded for
the conditions with a slow disk; it should sleep in fsync. PROGRAM echoes a byte per key: what is
measured of it is the machine, the terminal and this script.

Linux only, no packages. Other work on the machine shows in the higher percentiles: as root, start it
with `chrt -r 5`, and compare with the floor and with the healthy runs of the same hour.
"""
import argparse, fcntl, os, pty, random, re, select, shutil, signal, statistics, struct
import subprocess, tempfile, termios, time

END = b"\x1b[?2026l"
# In a frame: the time in the cursor's row is reversed, a carried row has its own mark.
MARK, CURSOR, CARRIED = "▌".encode(), rb"\x1b\[(0;)?7m", "↕".encode()
now = time.perf_counter_ns


class Terminal:
    def __init__(self, command, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execvpe(command[0], command, env)
        self.seen = b""

    def read(self, seconds):
        """Returns what was written within that time, or nothing."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            raise SystemExit("the program ended: " + self.seen[-2000:].decode(errors="replace"))
        self.seen = (self.seen + data)[-200_000:]
        return data

    def until(self, pattern, seconds=120):
        """Waits for something that is written from now on, or was since the start."""
        end = time.time() + seconds
        while not re.search(pattern, self.seen):
            if time.time() > end:
                raise SystemExit(f"never seen: {pattern!r} in {self.seen[-2000:]!r}")
            self.read(0.5)

    def settle(self, quiet):
        while self.read(quiet):
            pass

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def key(self, key, shows):
        """Returns the milliseconds until a whole frame that shows this; none after two seconds."""
        self.settle(0.02)
        time.sleep(random.uniform(0, 0.03))
        while self.read(0):
            pass
        began, got = now(), b""
        self.press(key)
        while now() - began < 2e9:
            got += self.read(0.1)
            frames = got.split(END)[:-1]
            if any(re.search(shows, frame) for frame in frames):
                return (now() - began) / 1e6
        return None

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        end = time.time() + 5
        while time.time() < end:
            try:
                self.read(0.05)
            except SystemExit:
                break
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def row(name, times):
    missing = sum(time is None for time in times)
    times = sorted(time for time in times if time is not None)
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    print(f"| {name} | {len(times)} | {times[0]:.2f} | {statistics.median(times):.2f} | {at(0.95):.2f} "
          f"| {at(0.99):.2f} | {times[-1]:.2f} |" + (f" {missing} never" if missing else ""), flush=True)


def floor(command, env, steps):
    terminal, times = Terminal(command, env), []
    terminal.settle(0.3)
    for _ in range(steps):
        time.sleep(random.uniform(0.02, 0.05))
        began = now()
        terminal.press("j")
        terminal.read(2)
        times.append((now() - began) / 1e6)
    terminal.end()
    return times


def session(command, env, steps, updates):
    terminal = Terminal(command, env)
    terminal.until(MARK)
    terminal.settle(1)
    terminal.press(f"{updates // 2}G")
    terminal.settle(0.5)
    cursor, moves, grabs = [], [], []
    for n in range(steps):
        cursor.append(terminal.key("jk"[n // 10 % 2], CURSOR))
        if n % 3 == 0:
            moves.append(terminal.key("JK"[n // 15 % 2], CURSOR))
        if n % 10 == 0:
            grabs.append(terminal.key("m", CARRIED))
            grabs.append(terminal.key("j", CARRIED))
            grabs.append(terminal.key("\r", b""))
    load = os.getloadavg()[0]
    rss = re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{terminal.pid}/status").read())
    terminal.end()
    return cursor, moves, grabs, load, int(rss.group(1)) // 1024


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--program", default="target/release/qurate")
    ask.add_argument("--updates", type=int, default=10_000)
    ask.add_argument("--repeat", type=int, default=3)
    ask.add_argument("--steps", type=int, default=300)
    ask.add_argument("--dir")
    ask.add_argument("--slow")
    ask.add_argument("--floor")
    told = ask.parse_args()
    program = os.path.abspath(told.program)
    work = tempfile.mkdtemp(prefix="key-to-frame-", dir=told.dir)
    env = {"PATH": os.environ["PATH"], "HOME": work, "TERM": "xterm-256color", "LANG": "C.UTF-8",
           "TMPDIR": work}
    server = subprocess.Popen(
        [program, "serve", "--demo", "--updates", str(told.updates), "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        token = open(server.stderr.readline().rsplit(" ", 1)[1].strip()).read().strip()
        url = re.search(r"http\S+", server.stdout.readline()).group(0)
        env["QURATE_TOKEN"] = token
        command = [program, "--state-dir", f"{work}/state", "--api-url", url]
        terminal = Terminal(command, env)
        terminal.until(MARK)
        terminal.until(b"online")
        terminal.settle(5)
        terminal.end()
        shutil.copytree(f"{work}/state", f"{work}/filled")

        def measure(name, slow):
            shutil.rmtree(f"{work}/state")
            shutil.copytree(f"{work}/filled", f"{work}/state")
            more = {"LD_PRELOAD": told.slow} if slow else {}
            cursor, moves, grabs, load, rss = session(command, env | more, told.steps, told.updates)
            for what, times in (("cursor", cursor), ("move", moves), ("grab", grabs)):
                row(f"{name}: {what}", times)
            print(f"|   load {load:.1f}, {rss} MiB resident |", flush=True)

        disks = [("", False)] + ([(", slow disk", True)] if told.slow else [])
        print("| condition | samples | min | p50 | p95 | p99 | max (ms) |\n|---|--:|--:|--:|--:|--:|--:|")
        for n in range(1, told.repeat + 1):
            if told.floor:
                row(f"{n}: floor", floor([told.floor, "echo"], env, told.steps))
            for disk, slow in disks:
                measure(f"{n}: well{disk}", slow)
                # It still accepts connections, and answers none.
                server.send_signal(signal.SIGSTOP)
                measure(f"{n}: dead network{disk}", slow)
                server.send_signal(signal.SIGCONT)
        server.terminate()
        server.wait()
        for n in range(1, told.repeat + 1):
            measure(f"{n}: network refuses", False)
    finally:
        server.send_signal(signal.SIGCONT)
        server.terminate()
        shutil.rmtree(work, ignore_errors=True)


main()
