// onnx_worker.mjs MODEL IMAGES: as worker.c, with ONNX Runtime in one thread.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const require = createRequire(path.join(process.env.NODE_PATH ?? '.', 'x.js'));
const ort = require('onnxruntime-node');

const pixels = 784;
const images = fs.readFileSync(process.argv[3]);
const count = images.length / pixels;
const session = await ort.InferenceSession.create(process.argv[2],
    { intraOpNumThreads: 1, interOpNumThreads: 1,
      executionMode: 'sequential' });
const input = session.inputNames[0];
const output = session.outputNames[0];
const numbers = new Float32Array(pixels);
const tensor = new ort.Tensor('float32', numbers, [1, 1, 28, 28]);
const feeds = { [input]: tensor };

async function scoresOf(i) {
  const first = i * pixels;
  for (let p = 0; p < pixels; ++p) numbers[p] = images[first + p] / 255;
  return (await session.run(feeds))[output].data;
}

let classes = '';
for (let i = 0; i < count; ++i) {
  const scores = await scoresOf(i);
  classes += scores.indexOf(Math.max(...scores));
}
console.log(classes);
let next = 0;
for await (const line of readline.createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < Number(line); ++i) {
    await scoresOf(next);
    next = (next + 1) % count;
  }
  console.log(String(process.hrtime.bigint() - start));
}
