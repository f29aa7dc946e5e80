import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { notesOn } from '../../bench/plots/caption.js';
import { reportOf } from '../../bench/report.js';
import type { Check } from './checks.js';
import { plotCourses } from './plot.js';
import type { Course } from './run.js';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

interface Run {
    readonly minutes: number;
    readonly seed: number;
    readonly checks: readonly Check[];
    readonly ours: Course;
    /** The same load on plain axios. */
    readonly control: Course;
}

/** Puts the figures of a run into docs/soak.md, and draws docs/soak.svg. */
export async function writePage({ minutes, seed, checks, ours, control }: Run): Promise<void> {
    const circumstances = notesOn(reportOf(pathOf('.'), [], []), []);
    const run = `${minutes} minutes, seed ${seed}`;
    const rows = [
        `| ${run} | ${circumstances.join(' ').replaceAll('\u00a0', ' ')} |`,
        '| --- | --- |',
        ...checks.map(({ name, said }) => `| ${name} | ${said} |`),
    ];
    await writeFile(
        pathOf('docs/soak.svg'),
        plotCourses(`A soak of ${run}`, ours.samples, control.samples, circumstances),
    );
    const page = pathOf('docs/soak.md');
    const text = await readFile(page, 'utf8');
    await writeFile(page, text.replace(/^\|.*\|$(\n\|.*\|$)*/m, rows.join('\n')));
}
