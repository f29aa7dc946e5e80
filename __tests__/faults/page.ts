import { MOMENTS, ROWS, type Cell, type Moment, type Row } from './cells.js';
import { isServable, REQUESTS, type Observation } from './run-cell.js';

type Observations = ReadonlyMap<Cell, Observation>;

const MOMENT_NAMES = Object.keys(MOMENTS) as Moment[];

function lostIn(observations: Observations): number {
    const lost = [...observations].map(([cell, { endings }]) =>
        isServable(cell) ? REQUESTS - (endings['served'] ?? 0) : 0,
    );
    return lost.reduce((total, count) => total + count, 0);
}

const ending = ([name, count]: [string, number]): string =>
    name === 'served' ? `${count} served` : `${count} × \`${name}\``;

function cellText(row: Row, moment: Moment, observations: Observations): string {
    const found = [...observations].find(([cell]) => cell.row === row && cell.moment === moment);
    if (!found) return '';
    const [, { endings, failures }] = found;
    const failure = moment === 'ahead' && failures.length > 0 ? `, renewal: \`${failures.join('`, `')}\`` : '';
    return `${Object.entries(endings).map(ending).join(', ')}${failure}`;
}

function tableOf(observations: Observations): string[] {
    const heads = ['fault', ...MOMENT_NAMES.map((moment) => MOMENTS[moment])];
    const rows = ROWS.map((row) => [row.name, ...MOMENT_NAMES.map((moment) => cellText(row, moment, observations))]);
    return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** docs/faults.md; it holds nothing that differs from one run to the next. */
export function writePage(observations: Observations): string {
    return [
        '# When something goes wrong',
        '',
        'Written by `npm run test:faults -- --write`; [the suite](../__tests__/faults/matrix.long.ts) runs the same in',
        '`npm run test:long`, and fails where this page is stale.',
        '',
        'Everything that can go wrong with a token, by everything that a',
        '[test authorization server](../src/testing/faults.ts) can do wrong, at each moment at which a token is asked for, while',
        `${REQUESTS} requests are under way: over real sockets, with the \`http\` adapter of axios. All goes wrong for as long as they`,
        'are under way, not once. A token for a client (client credentials) is asked for in the first three columns, one for a',
        'user in the last: there the fault befalls the refresh grant, and the password grant that may follow it.',
        '',
        `${observations.size} cells of ${REQUESTS} requests: **${lostIn(observations)} lost that could have been served.** What could be:`,
        '',
        '- **the first token**: all, where the answer holds a token that the API takes. Otherwise each request gets the error',
        '  of the creation that it waited for.',
        '- **a renewal ahead of expiry**: all, whatever becomes of the renewal: there is a token that is good.',
        '- **a renewal after a 401**: all, where the answer holds a token that the API takes; they are sent again with it. Otherwise',
        '  the token that was refused is of no use, and each request gets the error of the creation. A request is sent again',
        '  once with a token that was asked for because of its refusal: where that is revoked before it arrives, the second 401',
        '  is the answer.',
        '- **a refresh grant after a 401**: the same. Where the refresh token itself is refused (400, 401, 403), the password',
        '  brings another token, and all are served.',
        '',
        'In each cell it is checked besides that every request settles, within 20 s at most; that what gives up hangs up:',
        'no connection is left; that the events of the source tell what happened, in order; that, however many requests come, three',
        'creations are tried before there is a pause, and one ahead of expiry; that a `Retry-After` is waited for from the first one on; that, when the fault is',
        'gone and the time that the source named (`nextAttemptAt`) is over, the next request is served; that no redirect is',
        'followed; that no rejection stays unhandled; and that no error shows a token, a secret or a password.',
        '',
        'A cell is empty where the fault has to do with refresh tokens alone.',
        '',
        ...tableOf(observations),
        '',
    ].join('\n');
}
