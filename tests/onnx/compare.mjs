// Runs models with ONNX Runtime and compares their outputs with those beside
// them (export_cases.cc, test_images.cc, torch_networks.py):
//
//   NODE_PATH=... node compare.mjs FOLDER [--each]
//
// Prints each model whose outputs differ by more than 1e-5 of the largest
// number, or whose largest score of an example is another, and how many there
// were; with --each, the differences of each model. The exit code is 1 if there
// is one.

import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const require = createRequire(path.join(process.env.NODE_PATH ?? '.', 'x.js'));
const ort = require('onnxruntime-node');

// At once, to keep activations small.
const kMaxExamples = 500;

function readFloats(file) {
  const bytes = fs.readFileSync(file);
  // Small files share a buffer.
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer);
}

const product = (sizes) => sizes.reduce((a, b) => a * b, 1);

function indexOfLargest(numbers) {
  let largest = 0;
  for (let i = 1; i < numbers.length; ++i) {
    if (numbers[i] > numbers[largest]) largest = i;
  }
  return largest;
}

// All outputs, some examples at a time. Throws an error for other shapes.
async function run(session, input, inputDims, outputDims) {
  const [count, ...inputSizes] = inputDims;
  const inputSize = product(inputSizes);
  const outputSize = product(outputDims.slice(1));
  const outputs = new Float32Array(count * outputSize);
  for (let first = 0; first < count; first += kMaxExamples) {
    const n = Math.min(kMaxExamples, count - first);
    const tensor = new ort.Tensor('float32',
        input.slice(first * inputSize, (first + n) * inputSize), [n, ...inputSizes]);
    const results = await session.run({ [session.inputNames[0]]: tensor });
    const output = results[session.outputNames[0]];
    const expected = [n, ...outputDims.slice(1)];
    if (output.dims.join() !== expected.join()) {
      throw new Error(`shape ${output.dims}, expected ${expected}`);
    }
    outputs.set(output.data, first * outputSize);
  }
  return outputs;
}

const folder = process.argv[2];
const each = process.argv.includes('--each');
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
    const outputs = await run(session, readFloats(base + '.input'), inputDims, outputDims);
    let largest = 0;
    let difference = 0;
    for (let i = 0; i < expected.length; ++i) {
      largest = Math.max(largest, Math.abs(expected[i]));
      const d = Math.abs(expected[i] - outputs[i]);
      if (!(d <= difference)) difference = d;
    }
    let otherClasses = 0;
    const size = expected.length / inputDims[0];
    for (let i = 0; i < expected.length; i += size) {
      const [a, b] = [expected, outputs].map((x) => indexOfLargest(x.subarray(i, i + size)));
      if (a !== b) ++otherClasses;
    }
    const relative = difference / Math.max(1, largest);
    worst = Math.max(worst, relative);
    const text = `differs by ${difference.toExponential(2)} of ${largest.toPrecision(4)}; ` +
        `${otherClasses} of ${inputDims[0]} examples have another largest score`;
    if (each) console.log(`${file}: ${text}`);
    if (!(relative <= 1e-5)) problem = text;
    // Of few random scores, two may be equal but for rounding.
    if (each && otherClasses > 0) problem ||= text;
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
