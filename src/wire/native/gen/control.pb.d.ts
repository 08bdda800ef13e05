// Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
export class Sequence {
    constructor(properties?: Sequence.$Properties);
    low: number;
    high: number;
    static encode(message: Sequence.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Sequence;
}
export namespace Sequence {
    interface $Properties {
        low?: (number | null);
        high?: (number | null);
    }
}
export class Budget {
    constructor(properties?: Budget.$Properties);
    messages?: (Sequence.$Properties | null);
    bytes?: (Sequence.$Properties | null);
    static encode(message: Budget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Budget;
}
export namespace Budget {
    interface $Properties {
        messages?: (Sequence.$Properties | null);
        bytes?: (Sequence.$Properties | null);
    }
}
export class Grant {
    constructor(properties?: Grant.$Properties);
    window?: (Budget.$Properties | null);
    free?: (Budget.$Properties | null);
    static encode(message: Grant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Grant;
}
export namespace Grant {
    interface $Properties {
        window?: (Budget.$Properties | null);
        free?: (Budget.$Properties | null);
    }
}
export class Marks {
    constructor(properties?: Marks.$Properties);
    received?: (Sequence.$Properties | null);
    processed?: (Sequence.$Properties | null);
    static encode(message: Marks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Marks;
}
export namespace Marks {
    interface $Properties {
        received?: (Sequence.$Properties | null);
        processed?: (Sequence.$Properties | null);
    }
}
export class Ballot {
    constructor(properties?: Ballot.$Properties);
    epoch: number;
    dialler: Uint8Array;
    static encode(message: Ballot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Ballot;
}
export namespace Ballot {
    interface $Properties {
        epoch?: (number | null);
        dialler?: (Uint8Array | null);
    }
}
export enum Policy {
    POLICY_UNSPECIFIED = 0,
    POLICY_LOSSY = 1,
    POLICY_LOSSLESS_CLIENT = 2,
    POLICY_LOSSLESS_SERVER = 3,
    POLICY_PEER = 4
}
export enum Side {
    SIDE_UNSPECIFIED = 0,
    SIDE_DIALLER = 1,
    SIDE_ACCEPTOR = 2
}
export class Feature {
    constructor(properties?: Feature.$Properties);
    number: number;
    value: Uint8Array;
    static encode(message: Feature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Feature;
}
export namespace Feature {
    interface $Properties {
        number?: (number | null);
        value?: (Uint8Array | null);
    }
}
export class Hello {
    constructor(properties?: Hello.$Properties);
    version: number;
    name: string;
    instance: Uint8Array;
    addresses: string[];
    frameBytesMax: number;
    features: Feature.$Properties[];
    static encode(message: Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Hello;
}
export namespace Hello {
    interface $Properties {
        version?: (number | null);
        name?: (string | null);
        instance?: (Uint8Array | null);
        addresses?: (string[] | null);
        frameBytesMax?: (number | null);
        features?: (Feature.$Properties[] | null);
    }
}
export class AuthRequest {
    constructor(properties?: AuthRequest.$Properties);
    method: string;
    payload: Uint8Array;
    static encode(message: AuthRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): AuthRequest;
}
export namespace AuthRequest {
    interface $Properties {
        method?: (string | null);
        payload?: (Uint8Array | null);
    }
}
export class AuthChallenge {
    constructor(properties?: AuthChallenge.$Properties);
    payload: Uint8Array;
    static encode(message: AuthChallenge.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): AuthChallenge;
}
export namespace AuthChallenge {
    interface $Properties {
        payload?: (Uint8Array | null);
    }
}
export class AuthResponse {
    constructor(properties?: AuthResponse.$Properties);
    payload: Uint8Array;
    static encode(message: AuthResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): AuthResponse;
}
export namespace AuthResponse {
    interface $Properties {
        payload?: (Uint8Array | null);
    }
}
export class AuthDone {
    constructor(properties?: AuthDone.$Properties);
    payload: Uint8Array;
    static encode(message: AuthDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): AuthDone;
}
export namespace AuthDone {
    interface $Properties {
        payload?: (Uint8Array | null);
    }
}
export class AuthRejected {
    constructor(properties?: AuthRejected.$Properties);
    reason: string;
    static encode(message: AuthRejected.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): AuthRejected;
}
export namespace AuthRejected {
    interface $Properties {
        reason?: (string | null);
    }
}
export class Resume {
    constructor(properties?: Resume.$Properties);
    id: Uint8Array;
    marks: Marks.$Properties[];
    control?: (Marks.$Properties | null);
    static encode(message: Resume.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Resume;
}
export namespace Resume {
    interface $Properties {
        id?: (Uint8Array | null);
        marks?: (Marks.$Properties[] | null);
        control?: (Marks.$Properties | null);
    }
}
export class Open {
    constructor(properties?: Open.$Properties);
    ballot?: (Ballot.$Properties | null);
    channel: number;
    policy: Policy;
    fresh: Uint8Array;
    resume: Resume.$Properties[];
    grant?: (Grant.$Properties | null);
    counted: Side;
    move?: (Move.$Properties | null);
    static encode(message: Open.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Open;
}
export namespace Open {
    interface $Properties {
        ballot?: (Ballot.$Properties | null);
        channel?: (number | null);
        policy?: (Policy | null);
        fresh?: (Uint8Array | null);
        resume?: (Resume.$Properties[] | null);
        grant?: (Grant.$Properties | null);
        counted?: (Side | null);
        move?: (Move.$Properties | null);
    }
}
export class Move {
    constructor(properties?: Move.$Properties);
    holdMs: number;
    static encode(message: Move.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Move;
}
export namespace Move {
    interface $Properties {
        holdMs?: (number | null);
    }
}
export class Opened {
    constructor(properties?: Opened.$Properties);
    id: Uint8Array;
    resumed: boolean;
    marks: Marks.$Properties[];
    policy: Policy;
    grant?: (Grant.$Properties | null);
    checksum: number;
    control?: (Marks.$Properties | null);
    static encode(message: Opened.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Opened;
}
export namespace Opened {
    interface $Properties {
        id?: (Uint8Array | null);
        resumed?: (boolean | null);
        marks?: (Marks.$Properties[] | null);
        policy?: (Policy | null);
        grant?: (Grant.$Properties | null);
        checksum?: (number | null);
        control?: (Marks.$Properties | null);
    }
}
export class Confirm {
    constructor(properties?: Confirm.$Properties);
    marks: Marks.$Properties[];
    control?: (Marks.$Properties | null);
    static encode(message: Confirm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Confirm;
}
export namespace Confirm {
    interface $Properties {
        marks?: (Marks.$Properties[] | null);
        control?: (Marks.$Properties | null);
    }
}
export class Yield {
    constructor(properties?: Yield.$Properties);
    epoch: number;
    static encode(message: Yield.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Yield;
}
export namespace Yield {
    interface $Properties {
        epoch?: (number | null);
    }
}
export class Reject {
    constructor(properties?: Reject.$Properties);
    code: string;
    reason: string;
    static encode(message: Reject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Reject;
}
export namespace Reject {
    interface $Properties {
        code?: (string | null);
        reason?: (string | null);
    }
}
export class Ack {
    constructor(properties?: Ack.$Properties);
    marks: Marks.$Properties[];
    credit?: (Budget.$Properties | null);
    control?: (Marks.$Properties | null);
    static encode(message: Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Ack;
}
export namespace Ack {
    interface $Properties {
        marks?: (Marks.$Properties[] | null);
        credit?: (Budget.$Properties | null);
        control?: (Marks.$Properties | null);
    }
}
export class Keepalive {
    constructor(properties?: Keepalive.$Properties);
    token?: (Sequence.$Properties | null);
    static encode(message: Keepalive.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Keepalive;
}
export namespace Keepalive {
    interface $Properties {
        token?: (Sequence.$Properties | null);
    }
}
export class KeepaliveAck {
    constructor(properties?: KeepaliveAck.$Properties);
    token?: (Sequence.$Properties | null);
    static encode(message: KeepaliveAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): KeepaliveAck;
}
export namespace KeepaliveAck {
    interface $Properties {
        token?: (Sequence.$Properties | null);
    }
}
export class Goodbye {
    constructor(properties?: Goodbye.$Properties);
    reason: string;
    static encode(message: Goodbye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Goodbye;
}
export namespace Goodbye {
    interface $Properties {
        reason?: (string | null);
    }
}
export class Failure {
    constructor(properties?: Failure.$Properties);
    lane: number;
    seq?: (Sequence.$Properties | null);
    code: string;
    errorCode: string;
    reason: string;
    static encode(message: Failure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Failure;
}
export namespace Failure {
    interface $Properties {
        lane?: (number | null);
        seq?: (Sequence.$Properties | null);
        code?: (string | null);
        errorCode?: (string | null);
        reason?: (string | null);
    }
}
export class Failed {
    constructor(properties?: Failed.$Properties);
    first?: (Sequence.$Properties | null);
    failures: Failure.$Properties[];
    taken?: (Sequence.$Properties | null);
    static encode(message: Failed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): Failed;
}
export namespace Failed {
    interface $Properties {
        first?: (Sequence.$Properties | null);
        failures?: (Failure.$Properties[] | null);
        taken?: (Sequence.$Properties | null);
    }
}
export class End {
    constructor(properties?: End.$Properties);
    epoch: number;
    stays: boolean;
    static encode(message: End.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
    static decode(reader: ($protobuf.Reader | Uint8Array), length?: number): End;
}
export namespace End {
    interface $Properties {
        epoch?: (number | null);
        stays?: (boolean | null);
    }
}
export function classesOf(protobuf: typeof import('protobufjs/minimal.js')): Omit<typeof import('./control.pb.js'), 'classesOf'>;
