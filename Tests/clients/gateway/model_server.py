"""Runs llama.cpp's server in this process: `python model_server.py MODEL.gguf PORT` (needs the package xllamacpp)."""

import sys
import time

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.port = int(sys.argv[2])
parameters.n_ctx = 4096
parameters.n_parallel = 2
parameters.use_jinja = True
parameters.cpuparams.n_threads = 1
parameters.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
while True:
    time.sleep(60)
