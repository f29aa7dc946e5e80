import { failOnUnhandledRejections } from '../support/servers.js';
import { CELLS, MOMENTS, type Cell } from './cells.js';
import { expectAsDocumented } from './expectations.js';
import { runCell } from './run-cell.js';

// A few of matrix.long.ts, one of each kind.

failOnUnhandledRejections();

const KINDS = [
    'answer lost',
    '503, `Retry-After` in seconds',
    '`expires_in`: 0',
    'tokens revoked while the answer is under way',
    'refresh token used by somebody else: the server detects reuse',
];

const cells = CELLS.filter(({ row }) => KINDS.includes(row.name));
const nameOf = ({ row, moment }: Cell): string => `${row.name}, ${MOMENTS[moment]}`;

test.each(cells.map((cell) => [nameOf(cell), cell] as const))(
    '%s: nothing is lost that could be served',
    async (_, cell) => expectAsDocumented(cell, await runCell(cell)),
);
