import type { RecordedRequest } from '../servers/api-server.js';
import type { Measurement, Span } from './measurement.js';
import type { Lane } from './timeline.js';

export interface TokenLaneExtras {
    /** When the authorization server was down. */
    down?: Span;
    /** When the application learnt that a creation failed. */
    failures?: number[];
}

/** requestLanes shows when an API answered, the 401s on a line of their own. */
export function requestLanes({ requests }: { requests: RecordedRequest[] }, name = 'API'): Lane[] {
    const answered = (is401: boolean) =>
        requests.filter(({ status }) => (status === 401) === is401).map(({ endedAt }) => endedAt);
    const lanes: Lane[] = [{ label: name, tone: 'good', moments: answered(false) }];
    return answered(true).length === 0
        ? lanes
        : [{ label: `${name} 401`, tone: 'bad', moments: answered(true) }, ...lanes];
}

/** tokenLane shows how long each creation took at the token endpoint. */
export function tokenLane({ tokenRequests }: Measurement, { down, failures = [] }: TokenLaneExtras = {}): Lane {
    return {
        label: 'tokens',
        spans: [
            ...(down ? [{ ...down, glyph: '░', tone: 'quiet' as const }] : []),
            ...failures.map((at) => ({ startedAt: at, endedAt: at, glyph: '×', tone: 'bad' as const })),
            ...tokenRequests.map(({ startedAt, endedAt, issued }) => ({
                startedAt,
                endedAt,
                glyph: issued ? '█' : '×',
                tone: issued ? ('busy' as const) : ('bad' as const),
            })),
        ],
    };
}
