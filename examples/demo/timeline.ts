import type { Span } from './measurement.js';
import type { Tone } from './terminal.js';

/** A moment is drawn higher the more of them fall into one slot; a span fills the slots that it touches. */
export type Lane =
    | { label: string; tone: Tone; moments: number[] }
    | { label: string; spans: (Span & { glyph: string; tone: Tone })[] };

export interface Timeline extends Span {
    lanes: Lane[];
}

interface Cell {
    glyph: string;
    tone: Tone;
}

type Paint = (tone: Tone, text: string) => string;

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const empty: Cell = { glyph: '·', tone: 'quiet' };
const labelWidth = 12;

export function drawTimeline(timeline: Timeline, width: number, paint: Paint): string[] {
    const slots = Math.max(10, width - labelWidth - 2);
    const slotOf = slotsBetween(timeline, slots);
    const highest = Math.max(
        1,
        ...timeline.lanes.flatMap((lane) => ('moments' in lane ? countBySlot(lane.moments, slotOf, slots) : [])),
    );
    const edge = paint('quiet', '│');
    const lines = timeline.lanes.map((lane) => {
        const cells =
            'moments' in lane
                ? countBySlot(lane.moments, slotOf, slots).map((count) => momentCell(count, highest, lane.tone))
                : spanCells(lane.spans, slotOf, slots);
        return lane.label.padEnd(labelWidth) + edge + paintCells(cells, paint) + edge;
    });
    return [...lines, paint('quiet', axis(timeline, slots))];
}

function slotsBetween({ startedAt, endedAt }: Span, slots: number): (time: number) => number {
    const length = Math.max(1, endedAt - startedAt);
    return (time) => Math.min(slots - 1, Math.max(0, Math.floor(((time - startedAt) / length) * slots)));
}

function countBySlot(moments: number[], slotOf: (time: number) => number, slots: number): number[] {
    const counts = Array.from({ length: slots }, () => 0);
    for (const moment of moments) {
        const slot = slotOf(moment);
        counts[slot] = (counts[slot] ?? 0) + 1;
    }
    return counts;
}

function momentCell(count: number, highest: number, tone: Tone): Cell {
    if (count === 0) {
        return empty;
    }
    const glyph = blocks[Math.ceil((count / highest) * blocks.length) - 1] ?? '█';
    return { glyph, tone };
}

/** Where two spans meet in a slot, the later one is drawn. */
function spanCells(spans: (Span & Cell)[], slotOf: (time: number) => number, slots: number): Cell[] {
    const reversed = [...spans].reverse();
    return Array.from({ length: slots }, (_, slot) => {
        const span = reversed.find(({ startedAt, endedAt }) => slotOf(startedAt) <= slot && slot <= slotOf(endedAt));
        return span ?? empty;
    });
}

/** Neighbours of one tone share one escape sequence. */
function paintCells(cells: Cell[], paint: Paint): string {
    let painted = '';
    let run = '';
    cells.forEach(({ glyph, tone }, index) => {
        run += glyph;
        if (cells[index + 1]?.tone !== tone) {
            painted += paint(tone, run);
            run = '';
        }
    });
    return painted;
}

function axis({ startedAt, endedAt }: Span, slots: number): string {
    const end = `${endedAt - startedAt} ms`;
    return `${' '.repeat(labelWidth + 1)}0${end.padStart(slots - 1)}`;
}
