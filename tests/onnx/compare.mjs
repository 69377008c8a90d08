// Runs models with ONNX Runtime and compares their outputs with those beside
// them (export_cases.cc):
//
//   NODE_PATH=... node compare.mjs FOLDER
//
// Prints each model whose outputs differ by more than 1e-5 of the largest
// number, and how many there were. The exit code is 1 if there is one.

import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const require = createRequire(path.join(process.env.NODE_PATH ?? '.', 'x.js'));
const ort = require('onnxruntime-node');

function readFloats(file) {
  const bytes = fs.readFileSync(file);
  // Small files share a buffer.
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer);
}

const folder = process.argv[2];
let passed = 0;
let failed = 0;
let worst = 0;
for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.onnx')).sort()) {
  const base = path.join(folder, file.slice(0, -'.onnx'.length));
  const [inputDims, outputDims] = fs.readFileSync(base + '.shapes', 'utf8')
      .trim().split('\n').map((line) => line.split(' ').map(Number));
  const expected = readFloats(base + '.output');
  let problem = '';
  try {
    const session = await ort.InferenceSession.create(base + '.onnx', {
      graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, logSeverityLevel: 3 });
    const input = new ort.Tensor('float32', readFloats(base + '.input'), inputDims);
    const results = await session.run({ [session.inputNames[0]]: input });
    const output = results[session.outputNames[0]];
    if (output.dims.join() !== outputDims.join()) {
      problem = `shape ${output.dims}, expected ${outputDims}`;
    }
    let largest = 1;
    let difference = 0;
    for (let i = 0; i < expected.length; ++i) {
      largest = Math.max(largest, Math.abs(expected[i]));
      const d = Math.abs(expected[i] - output.data[i]);
      if (!(d <= difference)) difference = d;
    }
    worst = Math.max(worst, difference / largest);
    if (!(difference <= 1e-5 * largest)) problem ||= `differs by ${difference} of ${largest}`;
  } catch (error) {
    problem = error.message;
  }
  if (problem) {
    ++failed;
    console.log(`${file}: ${problem}`);
  } else {
    ++passed;
  }
}
console.log(`${passed} models agree, ${failed} do not; largest relative difference ${worst.toExponential(2)}`);
process.exitCode = failed || !passed ? 1 : 0;
