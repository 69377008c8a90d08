// Runs a WebAssembly program: node run_wasm.mjs PROGRAM. The exit status is the
// program's.

import {readFile} from 'node:fs/promises';
import {WASI} from 'node:wasi';

const wasi = new WASI({version: 'preview1', returnOnExit: true});
const module = await WebAssembly.compile(await readFile(process.argv[2]));
const instance =
    await WebAssembly.instantiate(module, wasi.getImportObject ?
        wasi.getImportObject() : {wasi_snapshot_preview1: wasi.wasiImport});
process.exitCode = wasi.start(instance);
