import { type RemoteServer, readArguments, usage } from './arguments.js';
import { ownSteps } from './own-steps.js';
import { openRemoteStage, UnusableServer } from './remote-stage.js';
import { printResult, printStep, printText, type Verdict } from './report.js';
import { creationTime, openOwnStage, type Stage } from './stage.js';
import { commonSteps, type Step } from './steps.js';
import { createTerminal, type Terminal } from './terminal.js';

const beginning =
    "An application calls an API that wants an access token. The application only says api.get('/me'): " +
    'axios-token-creator, attached to its axios client, does the rest. Everything below happens on this machine while ' +
    'you read, and every number is measured.';

const legend =
    'The timelines show when the API answered (▁ few … █ many, 401s on a line of their own) and when the token ' +
    'endpoint was at work (█ a token is created, × a failure, ░ server down).';

async function main(): Promise<number> {
    const parsed = readArguments(process.argv.slice(2));
    const terminal = createTerminal(process.stdout, process.env);
    switch (parsed.kind) {
        case 'help':
            process.stdout.write(usage);
            return 0;
        case 'remote':
            return playRemote(terminal, parsed.server);
        case 'own':
            return playOwn(terminal);
        case 'mistake':
        default:
            process.stderr.write(`${parsed.message}\nTry: npm run demo -- --help\n`);
            return 2;
    }
}

async function playOwn(terminal: Terminal): Promise<number> {
    const stage = await openOwnStage();
    printBeginning(
        terminal,
        `The authorization server (oidc-provider, made to take ${creationTime} ms more for each token) and the API ` +
            'are on loopback.',
    );
    return play(terminal, stage, ownSteps);
}

async function playRemote(terminal: Terminal, server: RemoteServer): Promise<number> {
    const stage = await openRemoteStage(server);
    const check = stage.introspects
        ? 'asks the server about each token'
        : 'accepts any token, as the server cannot be asked';
    printBeginning(terminal, `Tokens come from ${server.url}/token. The API is on loopback; it ${check}.`);
    return play(terminal, stage, commonSteps);
}

function printBeginning(terminal: Terminal, servers: string) {
    terminal.print();
    terminal.print(terminal.paint('strong', ' axios-token-creator'));
    printText(terminal, `${beginning} ${servers}`);
    terminal.print();
    printText(terminal, legend);
}

async function play<Where extends Stage>(terminal: Terminal, stage: Where, steps: Step<Where>[]): Promise<number> {
    const startedAt = performance.now();
    const verdicts: Verdict[] = [];
    try {
        for (const [index, step] of steps.entries()) {
            printStep(terminal, index + 1, step);
            verdicts.push(printResult(terminal, await step.run(stage)));
        }
    } finally {
        await stage.close();
    }
    const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
    const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    terminal.print();
    terminal.print(` ${count('ok')} of ${steps.length} steps ok${skipped}, ${seconds} s`);
    return count('NOT ok') === 0 ? 0 : 1;
}

function explain(error: unknown): string {
    if (error instanceof UnusableServer) {
        return error.message;
    }
    return `The demo cannot go on: ${error instanceof Error ? error.message : 'unknown error'}`;
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`${explain(error)}\n`);
        process.exitCode = 1;
    },
);
