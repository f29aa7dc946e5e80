import { init, type EChartsOption } from 'echarts';

/** Each colour on light ground. Ours is blue, what is lost is orange: safe for the colour-blind. */
export const COLOURS = {
    ground: '#ffffff',
    border: '#d1d9e0',
    text: '#1f2328',
    quiet: '#59636e',
    grid: '#e3e8ed',
    axis: '#818b98',
    band: '#eef1f4',
    ours: '#0969da',
    oursPale: '#a5cdf9',
    other: '#8c959f',
    otherPale: '#d3d8de',
    lost: '#bc4c00',
    unshared: '#e08a45',
    none: '#f6f8fa',
    few: '#fff1e5',
    some: '#ffd8b5',
    many: '#ffb77c',
    most: '#c04a02',
    onMost: '#fffffe',
} as const;

const ON_DARK: Readonly<Record<keyof typeof COLOURS, string>> = {
    ground: '#0d1117',
    border: '#3d444d',
    text: '#f0f6fc',
    quiet: '#9198a1',
    grid: '#262c34',
    axis: '#6e7681',
    band: '#1b222b',
    ours: '#58a6ff',
    oursPale: '#1f4b80',
    other: '#7d8590',
    otherPale: '#3b424b',
    lost: '#f0883e',
    unshared: '#d9772f',
    none: '#161b22',
    few: '#33210f',
    some: '#5a3212',
    many: '#7f4310',
    most: '#d2590c',
    onMost: '#fffffe',
};

/** Of lines; each has a symbol of its own as well. */
export const LINES = [
    { light: '#d55e00', dark: '#f28c4a', symbol: 'rect' },
    { light: '#009e73', dark: '#2fc79b', symbol: 'triangle' },
    { light: '#b0568f', dark: '#dc92c0', symbol: 'diamond' },
    { light: '#8a6d00', dark: '#e3b93c', symbol: 'path://M0 0H10L5 10Z' },
    { light: '#2a8fbd', dark: '#72c5ee', symbol: 'path://M5 0L10 3.8L8.1 10H1.9L0 3.8Z' },
    { light: '#6f42c1', dark: '#b392f0', symbol: 'path://M3 0H7V3H10V7H7V10H3V7H0V3H3Z' },
    { light: '#7a5230', dark: '#c79a72', symbol: 'path://M0 0H10V5L5 10L0 5Z' },
    { light: '#57606a', dark: '#a8b1bb', symbol: 'circle' },
    { light: '#a40e26', dark: '#ff7b82', symbol: 'path://M0 5L5 0H10V10H5Z' },
] as const;

export const WIDTH = 880;
export const MARGIN = 24;
/** Where a plot begins that has the names of subjects at its left. */
export const NAMES = 208;
const FONT = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif';

/** Presentation attributes are weaker than any rule, so that a dark reader's colours need no second picture. */
function rulesOnDark(shapes: string): string {
    const changes = [
        ...(Object.keys(COLOURS) as (keyof typeof COLOURS)[]).map((name) => [COLOURS[name], ON_DARK[name]]),
        ...LINES.map(({ light, dark }) => [light, dark]),
    ];
    return changes
        .filter(([light]) => shapes.includes(`"${light}"`))
        .map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
        .join('\n');
}

const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * The library counts its instances in the names of what it draws, and adds what a browser would need for pointers. None
 * of it is wanted here: the same picture is the same bytes, whatever was drawn before it.
 */
function withoutTraces(svg: string): string {
    return svg
        .replaceAll(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
        .replaceAll(/\bzr\d+-/g, 'p-')
        .replaceAll(/<style\s*>[\s\S]*?<\/style>\n?/g, '')
        .replaceAll(`font-family:${FONT};`, '')
        .replaceAll(/<path (?![^>]*stroke)[^>]*fill="none"><\/path>\n/g, '')
        .replaceAll(/<path [^>]*fill-opacity="0"[^>]*><\/path>\n/g, '');
}

export type Series = Exclude<EChartsOption['series'], readonly unknown[] | undefined>;

export interface Picture {
    readonly title: string;
    readonly height: number;
    readonly option: EChartsOption;
}

/** An SVG image that brings its own ground, light or dark as the reader has it. */
export function draw({ title, height, option }: Picture): string {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
    chart.setOption({
        animation: false,
        backgroundColor: 'transparent',
        textStyle: { fontFamily: FONT, color: COLOURS.text },
        ...option,
    });
    const drawn = withoutTraces(chart.renderToSVGString({ useViewBox: true }));
    chart.dispose();
    const name = escape(title);
    const [, body = ''] = /^<svg[^>]*>([\s\S]*)<\/svg>\s*$/.exec(drawn) ?? [];
    const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
    const edge = `x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"`;
    const shapes = [`<rect ${edge} fill="${COLOURS.ground}" stroke="${COLOURS.border}"/>`, body.trim()].join('\n');
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FONT}" role="img" aria-label="${name}">`,
        `<title>${name}</title>`,
        `<style>@media (prefers-color-scheme: dark) {\n${rulesOnDark(shapes)}\n}</style>`,
        shapes,
        '</svg>\n',
    ].join('\n');
}
