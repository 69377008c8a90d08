#!/usr/bin/env python3
"""Compares ways to run a trained LeNet on single images, in one thread.

  benchmarks/deployed/speed.py [--turns=N] [--images=N]

Trains the book's LeNet, exports it as C code and as an ONNX model, and builds C
programs. Each program takes its turn, with the same images, and turns go round,
so that a machine that slows down slows all down. Prints the median time for an
image, from its bytes to the scores, and its ratio to that of the backend direct
with AVX2: the median of the ratios of each round. Needs //tools:lenslet and
//benchmarks/deployed:lenslet_worker built, and for ONNX Runtime NODE_PATH with
onnxruntime-node (.ci/check_onnx).
"""

import argparse
import gzip
import os
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / 'benchmarks/deployed'
LENSLET = ROOT / 'bazel-bin/tools/lenslet'
WORKER = ROOT / 'bazel-bin/benchmarks/deployed/lenslet_worker'
IMAGES = '/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz'


def run(*command):
  subprocess.run([str(word) for word in command], check=True,
                 stdout=subprocess.DEVNULL)


class Worker:
  """A program that computes images in turn with others."""

  def __init__(self, name, command):
    self.name = name
    self.times = []
    self.process = subprocess.Popen([str(word) for word in command],
                                    stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
    self.classes = self.process.stdout.readline().strip()
    if len(self.classes) != 10000:
      raise SystemExit(f'{name} did not classify the images')

  def turn(self, images):
    self.process.stdin.write(f'{images}\n')
    self.process.stdin.flush()
    return int(self.process.stdout.readline()) / images / 1000


def cpu():
  with open('/proc/cpuinfo', encoding='ascii') as file:
    lines = dict(line.split(':', 1) for line in file if ':' in line)
  lines = {name.strip(): value.strip() for name, value in lines.items()}
  return (f"{lines['model name']}, family {lines['cpu family']}, "
          f"model {lines['model']}")


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--turns', type=int, default=101)
  parser.add_argument('--images', type=int, default=200,
                      help='images of a turn')
  flags = parser.parse_args()

  with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    checkpoint = work / 'lenet.ckpt'
    run(LENSLET, 'train', 'book', '--epochs=10', f'--output={checkpoint}')
    run(LENSLET, 'export', checkpoint, f'--c={work}/net',
        f'--onnx={work}/lenet.onnx')
    images = work / 'images'
    images.write_bytes(gzip.open(IMAGES).read()[16:])
    parameters = work / 'parameters'
    run(WORKER, f'--checkpoint={checkpoint}',
        f'--write_parameters={parameters}')

    def lenslet(backend, *more):
      return [WORKER, f'--checkpoint={checkpoint}', f'--images={images}',
              f'--backend={backend}', *more]

    def built(compiler, *sources):
      program = work / f'worker{len(os.listdir(work))}'
      run(*compiler.split(), f'-I{work}', f'-I{HERE}', HERE / 'worker.c',
          *sources, '-o', program, '-lm')
      return [program, images, parameters]

    generated = [HERE / 'generated.c', work / 'net.c']
    hand_written = [HERE / 'hand_written.c']
    workers = [
        Worker('`direct`, AVX2', lenslet('direct', '--instruction_set=AVX2'))]
    for name, command in [
        ('`direct`', lenslet('direct')),
        ('generated C, gcc -O3 -mavx2', built('gcc -O3 -mavx2', *generated)),
        ('generated C, gcc -O3 -march=native',
         built('gcc -O3 -march=native', *generated)),
        ('generated C, clang -O3 -mavx2',
         built('clang-14 -O3 -mavx2', *generated)),
        ('generated C, gcc -O3', built('gcc -O3', *generated)),
        ('C by hand, gcc -O3 -march=native',
         built('gcc -O3 -march=native', *hand_written)),
        ('C by hand, gcc -O3 -march=native -ffast-math',
         built('gcc -O3 -march=native -ffast-math', *hand_written)),
        ('XNNPACK', lenslet('xnnpack'))]:
      workers.append(Worker(name, command))
    if 'NODE_PATH' in os.environ:
      workers.append(Worker('ONNX Runtime, from Node.js',
                            ['node', HERE / 'onnx_worker.mjs',
                             work / 'lenet.onnx', images]))

    for _ in range(flags.turns):
      for worker in workers:
        worker.times.append(worker.turn(flags.images))

    print(f'{cpu()}; {flags.turns} turns of {flags.images} images each')
    print()
    print('| program | microseconds for an image | ratio | other classes |')
    print('| --- | ---: | ---: | ---: |')
    first = workers[0]
    for worker in workers:
      ratio = statistics.median(
          a / b for a, b in zip(worker.times, first.times))
      others = sum(a != b for a, b in zip(worker.classes, first.classes))
      print(f'| {worker.name} | {statistics.median(worker.times):.1f} | '
            f'{ratio:.2f} | {others} |')
      worker.process.stdin.close()
      worker.process.wait()


if __name__ == '__main__':
  main()
