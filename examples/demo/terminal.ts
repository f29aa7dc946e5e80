export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'strong';

export interface Terminal {
    readonly width: number;
    readonly print: (line?: string) => void;
    readonly paint: (tone: Tone, text: string) => string;
}

const codes: Record<Tone, string> = { good: '32', bad: '31', busy: '36', quiet: '2', strong: '1' };

export function createTerminal(stdout: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Terminal {
    const coloured = stdout.isTTY && !environment.NO_COLOR;
    return {
        width: Math.min(100, (stdout.isTTY && stdout.columns) || 80),
        print: (line = '') => void stdout.write(`${line}\n`),
        paint: (tone, text) => (coloured ? `\u001B[${codes[tone]}m${text}\u001B[0m` : text),
    };
}

/** wrap breaks a text into lines of at most that width, each with the indent before it. */
export function wrap(text: string, width: number, indent: string): string[] {
    const lines: string[] = [];
    let line = indent;
    for (const word of text.split(/\s+/)) {
        if (line.length > indent.length && line.length + 1 + word.length > width) {
            lines.push(line);
            line = indent;
        }
        line += line.length > indent.length ? ` ${word}` : word;
    }
    return [...lines, line];
}
