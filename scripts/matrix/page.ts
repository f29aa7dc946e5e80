import type { Results, Row } from '../../__tests__/matrix/results.js';
import { casesOf, describeRow, failuresOf } from './report.js';

/** How the axios of the library and that of the user go together. */
interface Pairing {
    readonly title: string;
    readonly includes: (row: Row) => boolean;
}

const pairings: readonly Pairing[] = [
    { title: '', includes: ({ library, user }) => library === user },
    { title: ', the library with the newest', includes: ({ library, user }) => isBelow(user, library) },
    { title: ', the client of the newest', includes: ({ library, user }) => isBelow(library, user) },
];

function isBelow(version: string, other: string): boolean {
    return version.localeCompare(other, 'en', { numeric: true }) < 0;
}

/** The reasons why cases could not run, each with a number of its own. */
interface Notes {
    numberOf(name: string, why: string): number;
    readonly lines: readonly string[];
}

function createNotes(): Notes {
    const keys: string[] = [];
    return {
        lines: keys,
        numberOf(name, why) {
            const line = `*${name}*: ${why}.`;
            if (!keys.includes(line)) keys.push(line);
            return keys.indexOf(line) + 1;
        },
    };
}

function cellOf(result: Results | undefined, notes: Notes): string {
    if (!result) return '';
    if ('notRun' in result) return 'not run';
    const failed = casesOf(result, 'failed').length;
    const numbers = casesOf(result, 'inapplicable').map(({ name, why = '' }) => notes.numberOf(name, why));
    const sorted = [...numbers].sort((a, b) => a - b).join(' ');
    const failures = failed > 0 ? `, **${failed} failed**` : '';
    return `${casesOf(result, 'passed').length}${failures}${sorted && ` <sup>${sorted}</sup>`}`;
}

/** The older of the two, by which a row of the table is named. */
function versionOf({ library, user }: Row): string {
    return isBelow(library, user) ? library : user;
}

function unique<T>(values: readonly T[]): T[] {
    return [...new Set(values)];
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function tableOf(results: readonly Results[], notes: Notes): string[] {
    const columns = pairings
        .flatMap(({ title, includes }) =>
            unique(results.map(({ adapter }) => adapter)).map((adapter) => ({
                title: `\`${adapter}\`${title}`,
                includes: (row: Row) => row.adapter === adapter && includes(row),
            })),
        )
        .filter(({ includes }) => results.some(includes));
    const rows = unique(results.map(versionOf)).map((version) => {
        const ofVersion = results.filter((result) => versionOf(result) === version);
        return [version, ...columns.map(({ includes }) => cellOf(ofVersion.find(includes), notes))];
    });
    const heads = ['axios', ...columns.map(({ title }) => title)];
    return [heads, heads.map(() => '---'), ...rows].map(tableRow);
}

function sectionOf(runtime: string, all: readonly Results[], notes: Notes): string[] {
    const results = all.filter((result) => result.runtime === runtime);
    const reasons = unique(results.flatMap((result) => ('notRun' in result ? [result.notRun] : [])));
    const notRun = reasons.map((reason) => `Not run: ${reason}.`);
    return [`## ${runtime}`, '', ...tableOf(results, notes), '', ...notRun.flatMap((line) => [line, ''])];
}

function failureLines(results: readonly Results[]): string[] {
    const lines = results.flatMap((result) =>
        failuresOf(result).map(({ name, why }) => `- ${describeRow(result)}: *${name}*: ${why?.split('\n')[0]}`),
    );
    return lines.length > 0 ? ['## Failed', '', ...lines, ''] : [];
}

const intro = (count: number): string[] => [
    '# Compatibility',
    '',
    'Written by `npm run test:matrix -- --write`; `npm run test:matrix` runs the same, and fails when a case fails or this',
    'page is stale. Nothing here is claimed that was not run.',
    '',
    `A set of ${count} cases ([behaviours](../__tests__/matrix/behaviours.ts)), written once, runs over real sockets with each`,
    'version of axios, adapter and runtime: lazy and shared creation, healing of a 401, bodies that are sent again,',
    'interceptors and transforms, requests that are left alone, other origins and redirects, abort and timeout while waiting',
    'and while sending, failures, secrecy. A number in a table is how many of them passed. The small numbers name, at the end',
    'of the page, cases that cannot run there; where that is a fault of axios itself, the run has shown it with axios alone and',
    'a header of its own first, else the case counts as failed. A cell is empty where there is nothing to run: axios has the',
    '`fetch` adapter since 1.7.',
    '',
    'An application may have two copies of axios: the one that this package resolves, and the one that made the client. Such',
    'pairs are columns of their own. An adapter that a client names is that of the copy that this package resolves.',
    '',
];

const notRunAnywhere: readonly string[] = [
    '## Not run',
    '',
    'React Native ([what it needs](recipes/react-native.md)), Firefox, Safari, Electron, Cloudflare Workers and other edge',
    'runtimes, service workers; Windows and macOS; other processors than x64. Nothing is known to keep the package from',
    'working there, and nothing was shown.',
    '',
];

/** docs/compatibility.md; it holds nothing that differs from one run to the next. */
export function writePage(results: readonly Results[]): string {
    const notes = createNotes();
    const counts = results.map((result) => ('cases' in result ? result.cases.length : 0));
    const runtimes = unique(results.map(({ runtime }) => runtime));
    const sections = runtimes.flatMap((runtime) => sectionOf(runtime, results, notes));
    const numbered = notes.lines.map((line, index) => `${index + 1}. ${line}`);
    const inapplicable = numbered.length > 0 ? ['## Cases that cannot run', '', ...numbered, ''] : [];
    const lines = [
        ...intro(Math.max(0, ...counts)),
        ...sections,
        ...failureLines(results),
        ...notRunAnywhere,
        ...inapplicable,
    ];
    return lines.join('\n');
}
