/** Events per minute with and without sharing, side by side. */
export interface Panel {
    readonly title: string;
    readonly unshared: readonly number[];
    readonly shared: readonly number[];
    /** Names minutes. */
    readonly notes: readonly { readonly minute: number; readonly text: string }[];
}

const WIDTH = 760;
const LEFT = 52;
const PLOT_WIDTH = WIDTH - LEFT - 16;
const PANEL_HEIGHT = 210;
const PLOT_HEIGHT = 130;
const LEGEND_HEIGHT = 34;
const POWERS = [0, 1, 2, 3, 4];
/** Between the ground, which is none, and one. */
const ABOVE_NONE = 14;

const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; }
    .quiet { fill: #59636e; }
    .grid { stroke: #d1d9e0; }
    .ground { stroke: #59636e; }
    .unshared { stroke: #d4621a; fill: #d4621a; }
    .shared { stroke: #0969da; fill: #0969da; }
    @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc; }
        .quiet { fill: #9198a1; }
        .grid { stroke: #3d444d; }
        .ground { stroke: #9198a1; }
        .unshared { stroke: #f0883e; fill: #f0883e; }
        .shared { stroke: #58a6ff; fill: #58a6ff; }
    }
`;

const round = (value: number): string => String(Math.round(value * 10) / 10);
const height = (count: number): number =>
    count === 0 ? 0 : ABOVE_NONE + (Math.log10(count) / (POWERS.length - 1)) * (PLOT_HEIGHT - ABOVE_NONE);

function text(x: number, y: number, content: string, attributes = ''): string {
    return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${content}</text>`;
}

/** One path of a vertical line for each minute that has any. */
function bars(counts: readonly number[], ground: number, className: string, width: number): string {
    const line = (count: number, minute: number): string =>
        count > 0 ? `M${round(xOf(minute + 0.5, counts.length))} ${ground}v${round(-height(count))}` : '';
    return `<path class="${className}" stroke-width="${round(width)}" d="${counts.map(line).join('')}"/>`;
}

function dots(counts: readonly number[], ground: number): string[] {
    return counts.flatMap((count, minute) => {
        const x = round(xOf(minute + 0.5, counts.length));
        return count > 0 ? [`<circle class="shared" cx="${x}" cy="${round(ground - height(count))}" r="3.2"/>`] : [];
    });
}

const xOf = (minute: number, minutes: number): number => LEFT + (minute / minutes) * PLOT_WIDTH;

function draw({ title, unshared, shared, notes }: Panel, top: number): string[] {
    const ground = top + 42 + PLOT_HEIGHT;
    const right = LEFT + PLOT_WIDTH;
    const minutes = unshared.length;
    const grid = POWERS.map((power) => round(ground - height(10 ** power)));
    return [
        text(LEFT, top + 16, title, 'class="title"'),
        ...grid.map((y) => `<path class="grid" d="M${LEFT} ${y}H${right}"/>`),
        ...POWERS.map((power, index) =>
            text(
                LEFT - 6,
                Number(grid[index]) + 4,
                (10 ** power).toLocaleString('en-US'),
                'text-anchor="end" class="quiet"',
            ),
        ),
        text(LEFT - 6, ground + 4, '0', 'text-anchor="end" class="quiet"'),
        ...notes.map(({ minute, text: note }) =>
            text(xOf(minute, minutes), top + 36, note, 'text-anchor="middle" class="quiet"'),
        ),
        bars(unshared, ground, 'unshared', PLOT_WIDTH / minutes),
        bars(shared, ground, 'shared', 2),
        ...dots(shared, ground),
        `<path class="ground" d="M${LEFT} ${ground}H${right}"/>`,
        ...Array.from({ length: Math.floor(minutes / 30) + 1 }, (_, half) =>
            text(
                xOf(half * 30, minutes),
                ground + 16,
                `${Math.floor(half / 2)}:${half % 2 === 0 ? '00' : '30'}`,
                'text-anchor="middle" class="quiet"',
            ),
        ),
    ];
}

/** An SVG image that is legible on light and on dark ground. */
export function plot(title: string, panels: readonly Panel[]): string {
    const total = LEGEND_HEIGHT + panels.length * PANEL_HEIGHT;
    const lines = [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" role="img" aria-label="${title}">`,
        `<style>${STYLE}</style>`,
        text(LEFT, 20, title),
        `<rect class="unshared" x="${WIDTH - 246}" y="11" width="10" height="10"/>`,
        text(WIDTH - 230, 20, 'without sharing'),
        `<circle class="shared" cx="${WIDTH - 115}" cy="16" r="4"/>`,
        text(WIDTH - 105, 20, 'with sharing'),
        ...panels.flatMap((panel, index) => draw(panel, LEGEND_HEIGHT + index * PANEL_HEIGHT)),
        '</svg>',
    ];
    return `${lines.join('\n')}\n`;
}
