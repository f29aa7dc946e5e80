import { parseArgs } from 'node:util';

export interface RemoteServer {
    url: string;
    user: string;
    password: string;
}

export type Arguments =
    | { kind: 'help' }
    | { kind: 'own' }
    | { kind: 'remote'; server: RemoteServer }
    | { kind: 'mistake'; message: string };

export const usage = `Usage: npm run demo
       npm run demo -- --url URL --user NAME --password PASSWORD

Shows, with real requests on this machine, what axios-token-creator does for an axios client.

Without options it starts an authorization server and an API of its own on loopback.
With --url it takes its tokens from a server of yours that speaks like Authup:

  --url URL            where the server is; tokens come from URL/token
  --user NAME          a user of that server
  --password PASSWORD  the user's password; it is never printed
  --help               this text

Colours are left out when the output is no terminal or NO_COLOR is set.
Exit code: 0 when every step is ok, 1 when one is not or the server cannot be used, 2 for a wrong argument.
`;

const remoteOptions = ['url', 'user', 'password'] as const;

export function readArguments(args: string[]): Arguments {
    const { values, tokens } = parseArgs({
        args,
        options: {
            help: { type: 'boolean', short: 'h' },
            url: { type: 'string' },
            user: { type: 'string' },
            password: { type: 'string' },
        },
        // The errors of the strict mode repeat what was typed, which may be a password.
        strict: false,
        tokens: true,
    });
    for (const token of tokens) {
        if (token.kind === 'option' && !['help', ...remoteOptions].includes(token.name)) {
            return mistake(`Unknown option: ${token.rawName}`);
        }
        if (token.kind === 'positional') {
            return mistake(`Unexpected argument at position ${token.index + 1}.`);
        }
    }
    if (values.help) {
        return { kind: 'help' };
    }
    const given = remoteOptions.filter((name) => values[name] !== undefined);
    return given.length === 0 ? { kind: 'own' } : readRemoteServer(values);
}

function readRemoteServer(values: { [name in (typeof remoteOptions)[number]]?: string | boolean }): Arguments {
    const { url, user, password } = values;
    for (const name of remoteOptions) {
        if (typeof values[name] !== 'string' || values[name] === '') {
            return mistake(`--url, --user and --password belong together: --${name} has no value.`);
        }
    }
    const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
    if (!parsed || !/^https?:$/.test(parsed.protocol)) {
        return mistake('--url wants an absolute http(s) URL.');
    }
    if (parsed.username || parsed.password || parsed.search || parsed.hash) {
        return mistake('--url wants a URL without user name, password, query and fragment.');
    }
    const base = `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '');
    return { kind: 'remote', server: { url: base, user: String(user), password: String(password) } };
}

function mistake(message: string): Arguments {
    return { kind: 'mistake', message };
}
