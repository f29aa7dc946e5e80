import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CELLS } from '../../__tests__/faults/cells.js';
import { writePage } from '../../__tests__/faults/page.js';
import { runCells } from '../../__tests__/faults/run-cell.js';

// What comes of each fault at each moment: prints docs/faults.md, and writes it with `--write`. Whether it is as it should
// be, is what the suite of __tests__/faults tells.
//
//     npm run test:faults [-- --write]

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const observations = await Promise.all(
    [...runCells(CELLS)].map(async ([cell, observing]) => [cell, await observing] as const),
);
const page = writePage(new Map(observations));
console.log(page);
if (values.write) await writeFile(fileURLToPath(new URL('../../docs/faults.md', import.meta.url)), page);
