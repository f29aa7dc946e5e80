import type { TitleComponentOption } from 'echarts';
import type { Result, Report } from '../report.js';
import { COLOURS, MARGIN } from './theme.js';

const LINE = 16;
const TITLE = 26;
/** What fits in a line of small print, in the widest of the usual fonts. */
const CHARACTERS = 132;

export interface Caption {
    readonly title: string;
    /** What was measured, and which way is better. */
    readonly said: readonly string[];
    /** Below the picture. */
    readonly notes: readonly string[];
}

interface Framed {
    /** Where the plot begins. */
    readonly top: number;
    /** Given where the plot ends. */
    readonly heightFrom: (bottom: number) => number;
    readonly titlesFrom: (bottom: number) => TitleComponentOption[];
}

/** Breaks a text at blanks. */
function wrap(text: string, most = CHARACTERS): string[] {
    const lines: string[] = [];
    for (const word of text.split(' ')) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
    }
    return lines;
}

export function frame({ title, said, notes }: Caption): Framed {
    const above = said.flatMap((text) => wrap(text, CHARACTERS - 10));
    const below = notes.flatMap((text) => wrap(text));
    const small = (lines: readonly string[], top: number, fontSize: number) => ({
        text: lines.join('\n'),
        left: MARGIN,
        top,
        padding: 0,
        textStyle: { fontSize, fontWeight: 'normal' as const, lineHeight: LINE, color: COLOURS.quiet },
    });
    const headline = {
        text: title,
        left: MARGIN,
        top: 18,
        padding: 0,
        textStyle: { fontSize: 16, color: COLOURS.text },
    };
    return {
        top: 18 + TITLE + above.length * LINE + 14,
        heightFrom: (bottom) => bottom + 14 + below.length * LINE + 14,
        titlesFrom: (bottom) => [headline, small(above, 18 + TITLE, 12.5), small(below, bottom + 14, 11.5)],
    };
}

/** Stands above a part of a picture. */
export const panelTitle = (text: string, left: number, top: number) => ({
    text,
    left,
    top,
    padding: 0,
    textStyle: { fontSize: 12.5, color: COLOURS.text },
});

/** Machine, versions and date. */
function circumstances({ date, machine, versions }: Report): string[] {
    const { cpu, cores, memory, os } = machine;
    const node = versions.node === undefined ? [] : [`Node ${versions.node.replace(/^v/, '')}`];
    // A version stays on the line of its package.
    const packages = Object.entries(versions)
        .filter(([name]) => name !== 'node')
        .map(([name, version]) => `${name}\u00a0${version}`);
    const hardware = `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory}, ${os}`;
    return [`${date.slice(0, 10)}. ${hardware}.`, `${[...node, ...packages].join(', ')}.`];
}

/** Names those without figures, and says why; and what else is to be said. */
function remarks(results: readonly Result[], namesScenario: boolean): string[] {
    const named = new Map<string, Set<string>>();
    for (const { outcome, why, subject, scenario } of results) {
        const word = outcome === 'measured' ? '' : outcome;
        const place = namesScenario && (word || why) ? `${word ? ' ' : ''}in ${scenario}` : '';
        const reason = why && (word || place ? ` (${why})` : why);
        const remark = `${word}${place}${reason ?? ''}`;
        if (remark) named.set(remark, (named.get(remark) ?? new Set()).add(subject));
    }
    return [...named].map(([remark, subjects]) => `${[...subjects].join(', ')}: ${remark}.`);
}

/** The small print of a picture: what is said of subjects of the scenarios it shows, machine, versions, date. */
export function notesOn(results: Report, scenarios: readonly string[]): string[] {
    const shown = results.results.filter(({ scenario }) => scenarios.includes(scenario));
    const said = remarks(shown, scenarios.length > 1);
    return [...said, ...(said.length > 0 ? [''] : []), ...circumstances(results)];
}
