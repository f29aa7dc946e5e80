import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixRandom, useFakeTime } from '../support/deferred.js';
import { arrange, type VectorRun } from './vector-run.js';
import type { State, Step, VectorFile } from './vector.js';

const ROOT = join(__dirname, '..', '..');
const { settings, vectors } = JSON.parse(
    readFileSync(join(ROOT, 'vectors', 'token-states.json'), 'utf8'),
) as VectorFile;

/** Asks for a token, which does something else in each state. */
async function probe(run: VectorRun, { at, wall = at }: Step): Promise<unknown> {
    const { isCreating } = run;
    const effects = await run.perform({ at, wall, event: { type: 'request', id: 'probe' } });
    const creates = effects.flatMap((effect) => (effect.type === 'create' ? [effect.reason] : []))[0];
    const did = (type: string): boolean => effects.some((effect) => effect.type === type);
    return { isCreating, serves: did('serve'), fails: did('fail'), ...(creates && { creates }) };
}

/** What shows that a source is in a state, by the table in docs/token-states.md. */
function differencesOf({ token, creation }: State): unknown {
    const reasons = { fresh: undefined, aging: 'ahead', stale: 'expired', rejected: 'rejected', none: 'missing' };
    const serves = token === 'fresh' || token === 'aging';
    const creates = creation === 'none' ? reasons[token] : undefined;
    const isCreating = creation === 'under way';
    return { isCreating, serves, fails: !serves && creation === 'held back', ...(creates && { creates }) };
}

useFakeTime();

describe('the source does what the vectors say', () => {
    it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
        fixRandom(vector.random ?? 0);
        const { given, state, effects, then, ...step } = vector;
        const before = await arrange(settings, vector);
        expect(await probe(before, given.at(-1) ?? step)).toEqual(differencesOf(state));
        const run = await arrange(settings, vector);
        expect(await run.perform(step)).toEqual(effects);
        expect(await probe(run, step)).toEqual(differencesOf(then));
    });
});

/** The tables of a page of documentation, by the heading above them. */
function cellsOf(page: string): string[] {
    const found: string[] = [];
    let heading = '';
    let columns: string[] = [];
    for (const line of page.split('\n')) {
        if (line.startsWith('## ')) heading = line.slice(3);
        const cellsOfLine = line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim());
        if (cellsOfLine.length === 0) columns = [];
        else if (columns.length === 0) columns = cellsOfLine.slice(1);
        else if (!line.includes('---'))
            found.push(...columns.map((column) => [heading, cellsOfLine[0], column].join(' / ')));
    }
    return found;
}

const cells = cellsOf(readFileSync(join(ROOT, 'docs', 'token-states.md'), 'utf8'));

describe('the vectors', () => {
    it('cover each cell of the tables in docs/token-states.md, and name no other', () => {
        const covered = vectors.flatMap(({ covers = [] }) => covers.map((cell) => cell.join(' / ')));
        expect(cells.length).toBeGreaterThan(20);
        expect([...new Set(covered)].sort()).toEqual([...cells].sort());
    });

    it('have names of their own', () => {
        expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    });
});
