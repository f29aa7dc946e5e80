import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failOnUnhandledRejections } from '../support/servers.js';
import { CELLS, MOMENTS, type Cell } from './cells.js';
import { expectAsDocumented } from './expectations.js';
import { writePage } from './page.js';
import { runCells, type Observation } from './run-cell.js';

failOnUnhandledRejections();

const page = join(__dirname, '../../docs/faults.md');
let observations: ReadonlyMap<Cell, Promise<Observation>>;

beforeAll(() => {
    observations = runCells(CELLS);
});

test.each(CELLS.map((cell) => [`${cell.row.name}, ${MOMENTS[cell.moment]}`, cell] as const))(
    '%s: nothing is lost that could be served',
    async (_, cell) => {
        const seen = await observations.get(cell);
        if (!seen) throw new Error('it was not run');
        expectAsDocumented(cell, seen);
    },
    120_000,
);

test('docs/faults.md says what was seen: npm run test:faults -- --write', async () => {
    const seen = await Promise.all([...observations].map(async ([cell, seeing]) => [cell, await seeing] as const));
    expect(readFileSync(page, 'utf8')).toBe(writePage(new Map(seen)));
}, 120_000);
