import type { ReadEntry, StoredEntry } from '../shared/token-store.js';

/** What came is not what the rule asks for. */
export class Breach extends Error {}

/** Where two texts begin to differ is what tells most of long ones. */
function excerpt(text: string, from: number): string {
    if (text.length <= 60) return JSON.stringify(text);
    const start = Math.min(Math.max(0, from - 10), text.length - 60);
    return `${JSON.stringify(text.slice(start, start + 60))} (from character ${start} of ${text.length})`;
}

function firstDifference(text: string, other: string): number {
    for (let index = 0; index < text.length; index += 1) if (text[index] !== other[index]) return index;
    return text.length;
}

export function show(value: unknown, beside?: unknown): string {
    if (typeof value === 'string') {
        return excerpt(value, typeof beside === 'string' ? firstDifference(value, beside) : 0);
    }
    if (typeof value === 'function') return 'a function';
    if (typeof value !== 'object' || value === null) return String(value);
    return 'renew' in value ? 'a lease' : JSON.stringify(value).slice(0, 100);
}

/** @param what - was asked, as `get of another name` */
export function expectSame(what: string, came: unknown, expected: unknown): void {
    if (came === expected) return;
    throw new Breach(`${what}: expected ${show(expected, came)}, but got ${show(came, expected)}`);
}

export function expectBetween(what: string, came: unknown, least: number, most: number): void {
    if (typeof came === 'number' && came >= least && came <= most) return;
    const bounds = `a number from ${Math.floor(least)} to ${Math.ceil(most)}`;
    throw new Breach(`${what}: expected ${bounds}, but got ${show(came)}`);
}

export function expectNothing(what: string, came: unknown): void {
    expectSame(what, came, undefined);
}

export function expectEntry(what: string, came: ReadEntry | undefined, expected: StoredEntry): ReadEntry {
    if (typeof came !== 'object' || came === null) {
        throw new Breach(`${what}: expected the entry ${show(expected, came)}, but got ${show(came, expected)}`);
    }
    expectSame(`${what}: generation`, came.generation, expected.generation);
    expectSame(`${what}: value`, came.value, expected.value);
    return came;
}
