// Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/**
 * Properties of a Sequence.
 * @deprecated Use Sequence.$Properties instead.
 */
export interface ISequence extends Sequence.$Properties {
}

/** Represents a Sequence. */
export class Sequence {

    /**
     * Constructs a new Sequence.
     * @param [properties] Properties to set
     */
    constructor(properties?: Sequence.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Sequence low. */
    low: number;

    /** Sequence high. */
    high: number;

    /**
     * Encodes the specified Sequence message. Does not implicitly {@link Sequence.verify|verify} messages.
     * @param message Sequence message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Sequence.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Sequence message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Sequence & Sequence.$Shape} Sequence
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Sequence & Sequence.$Shape;
}

export namespace Sequence {

    /** Properties of a Sequence. */
    interface $Properties {

        /** Sequence low */
        low?: (number|null);

        /** Sequence high */
        high?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Sequence. */
    type $Shape = Sequence.$Properties;
}

/**
 * Properties of a Budget.
 * @deprecated Use Budget.$Properties instead.
 */
export interface IBudget extends Budget.$Properties {
}

/** Represents a Budget. */
export class Budget {

    /**
     * Constructs a new Budget.
     * @param [properties] Properties to set
     */
    constructor(properties?: Budget.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Budget messages. */
    messages?: (Sequence.$Properties|null);

    /** Budget bytes. */
    bytes?: (Sequence.$Properties|null);

    /**
     * Encodes the specified Budget message. Does not implicitly {@link Budget.verify|verify} messages.
     * @param message Budget message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Budget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Budget message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Budget & Budget.$Shape} Budget
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Budget & Budget.$Shape;
}

export namespace Budget {

    /** Properties of a Budget. */
    interface $Properties {

        /** Budget messages */
        messages?: (Sequence.$Properties|null);

        /** Budget bytes */
        bytes?: (Sequence.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Budget. */
    type $Shape = Budget.$Properties;
}

/**
 * Properties of a Grant.
 * @deprecated Use Grant.$Properties instead.
 */
export interface IGrant extends Grant.$Properties {
}

/** Represents a Grant. */
export class Grant {

    /**
     * Constructs a new Grant.
     * @param [properties] Properties to set
     */
    constructor(properties?: Grant.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Grant window. */
    window?: (Budget.$Properties|null);

    /** Grant free. */
    free?: (Budget.$Properties|null);

    /**
     * Encodes the specified Grant message. Does not implicitly {@link Grant.verify|verify} messages.
     * @param message Grant message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Grant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Grant message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Grant & Grant.$Shape} Grant
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Grant & Grant.$Shape;
}

export namespace Grant {

    /** Properties of a Grant. */
    interface $Properties {

        /** Grant window */
        window?: (Budget.$Properties|null);

        /** Grant free */
        free?: (Budget.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Grant. */
    type $Shape = Grant.$Properties;
}

/**
 * Properties of a Marks.
 * @deprecated Use Marks.$Properties instead.
 */
export interface IMarks extends Marks.$Properties {
}

/** Represents a Marks. */
export class Marks {

    /**
     * Constructs a new Marks.
     * @param [properties] Properties to set
     */
    constructor(properties?: Marks.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Marks received. */
    received?: (Sequence.$Properties|null);

    /** Marks processed. */
    processed?: (Sequence.$Properties|null);

    /**
     * Encodes the specified Marks message. Does not implicitly {@link Marks.verify|verify} messages.
     * @param message Marks message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Marks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Marks message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Marks & Marks.$Shape} Marks
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Marks & Marks.$Shape;
}

export namespace Marks {

    /** Properties of a Marks. */
    interface $Properties {

        /** Marks received */
        received?: (Sequence.$Properties|null);

        /** Marks processed */
        processed?: (Sequence.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Marks. */
    type $Shape = Marks.$Properties;
}

/**
 * Properties of a Ballot.
 * @deprecated Use Ballot.$Properties instead.
 */
export interface IBallot extends Ballot.$Properties {
}

/** Represents a Ballot. */
export class Ballot {

    /**
     * Constructs a new Ballot.
     * @param [properties] Properties to set
     */
    constructor(properties?: Ballot.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Ballot epoch. */
    epoch: number;

    /** Ballot dialler. */
    dialler: Uint8Array;

    /**
     * Encodes the specified Ballot message. Does not implicitly {@link Ballot.verify|verify} messages.
     * @param message Ballot message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Ballot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Ballot message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Ballot & Ballot.$Shape} Ballot
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Ballot & Ballot.$Shape;
}

export namespace Ballot {

    /** Properties of a Ballot. */
    interface $Properties {

        /** Ballot epoch */
        epoch?: (number|null);

        /** Ballot dialler */
        dialler?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Ballot. */
    type $Shape = Ballot.$Properties;
}

/** Policy enum. */
export enum Policy {

    /** POLICY_UNSPECIFIED value */
    POLICY_UNSPECIFIED = 0,

    /** POLICY_LOSSY value */
    POLICY_LOSSY = 1,

    /** POLICY_LOSSLESS_CLIENT value */
    POLICY_LOSSLESS_CLIENT = 2,

    /** POLICY_LOSSLESS_SERVER value */
    POLICY_LOSSLESS_SERVER = 3,

    /** POLICY_PEER value */
    POLICY_PEER = 4
}

/** Side enum. */
export enum Side {

    /** SIDE_UNSPECIFIED value */
    SIDE_UNSPECIFIED = 0,

    /** SIDE_DIALLER value */
    SIDE_DIALLER = 1,

    /** SIDE_ACCEPTOR value */
    SIDE_ACCEPTOR = 2
}

/**
 * Properties of a Feature.
 * @deprecated Use Feature.$Properties instead.
 */
export interface IFeature extends Feature.$Properties {
}

/** Represents a Feature. */
export class Feature {

    /**
     * Constructs a new Feature.
     * @param [properties] Properties to set
     */
    constructor(properties?: Feature.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Feature number. */
    number: number;

    /** Feature value. */
    value: Uint8Array;

    /**
     * Encodes the specified Feature message. Does not implicitly {@link Feature.verify|verify} messages.
     * @param message Feature message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Feature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Feature message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Feature & Feature.$Shape} Feature
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Feature & Feature.$Shape;
}

export namespace Feature {

    /** Properties of a Feature. */
    interface $Properties {

        /** Feature number */
        number?: (number|null);

        /** Feature value */
        value?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Feature. */
    type $Shape = Feature.$Properties;
}

/**
 * Properties of a Hello.
 * @deprecated Use Hello.$Properties instead.
 */
export interface IHello extends Hello.$Properties {
}

/** Represents a Hello. */
export class Hello {

    /**
     * Constructs a new Hello.
     * @param [properties] Properties to set
     */
    constructor(properties?: Hello.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Hello version. */
    version: number;

    /** Hello name. */
    name: string;

    /** Hello instance. */
    instance: Uint8Array;

    /** Hello addresses. */
    addresses: string[];

    /** Hello frameBytesMax. */
    frameBytesMax: number;

    /** Hello features. */
    features: Feature.$Properties[];

    /**
     * Encodes the specified Hello message. Does not implicitly {@link Hello.verify|verify} messages.
     * @param message Hello message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Hello message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Hello & Hello.$Shape} Hello
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Hello & Hello.$Shape;
}

export namespace Hello {

    /** Properties of a Hello. */
    interface $Properties {

        /** Hello version */
        version?: (number|null);

        /** Hello name */
        name?: (string|null);

        /** Hello instance */
        instance?: (Uint8Array|null);

        /** Hello addresses */
        addresses?: (string[]|null);

        /** Hello frameBytesMax */
        frameBytesMax?: (number|null);

        /** Hello features */
        features?: (Feature.$Properties[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Hello. */
    type $Shape = Hello.$Properties;
}

/**
 * Properties of an AuthRequest.
 * @deprecated Use AuthRequest.$Properties instead.
 */
export interface IAuthRequest extends AuthRequest.$Properties {
}

/** Represents an AuthRequest. */
export class AuthRequest {

    /**
     * Constructs a new AuthRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: AuthRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** AuthRequest method. */
    method: string;

    /** AuthRequest payload. */
    payload: Uint8Array;

    /**
     * Encodes the specified AuthRequest message. Does not implicitly {@link AuthRequest.verify|verify} messages.
     * @param message AuthRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: AuthRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an AuthRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {AuthRequest & AuthRequest.$Shape} AuthRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): AuthRequest & AuthRequest.$Shape;
}

export namespace AuthRequest {

    /** Properties of an AuthRequest. */
    interface $Properties {

        /** AuthRequest method */
        method?: (string|null);

        /** AuthRequest payload */
        payload?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an AuthRequest. */
    type $Shape = AuthRequest.$Properties;
}

/**
 * Properties of an AuthChallenge.
 * @deprecated Use AuthChallenge.$Properties instead.
 */
export interface IAuthChallenge extends AuthChallenge.$Properties {
}

/** Represents an AuthChallenge. */
export class AuthChallenge {

    /**
     * Constructs a new AuthChallenge.
     * @param [properties] Properties to set
     */
    constructor(properties?: AuthChallenge.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** AuthChallenge payload. */
    payload: Uint8Array;

    /**
     * Encodes the specified AuthChallenge message. Does not implicitly {@link AuthChallenge.verify|verify} messages.
     * @param message AuthChallenge message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: AuthChallenge.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an AuthChallenge message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {AuthChallenge & AuthChallenge.$Shape} AuthChallenge
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): AuthChallenge & AuthChallenge.$Shape;
}

export namespace AuthChallenge {

    /** Properties of an AuthChallenge. */
    interface $Properties {

        /** AuthChallenge payload */
        payload?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an AuthChallenge. */
    type $Shape = AuthChallenge.$Properties;
}

/**
 * Properties of an AuthResponse.
 * @deprecated Use AuthResponse.$Properties instead.
 */
export interface IAuthResponse extends AuthResponse.$Properties {
}

/** Represents an AuthResponse. */
export class AuthResponse {

    /**
     * Constructs a new AuthResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: AuthResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** AuthResponse payload. */
    payload: Uint8Array;

    /**
     * Encodes the specified AuthResponse message. Does not implicitly {@link AuthResponse.verify|verify} messages.
     * @param message AuthResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: AuthResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an AuthResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {AuthResponse & AuthResponse.$Shape} AuthResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): AuthResponse & AuthResponse.$Shape;
}

export namespace AuthResponse {

    /** Properties of an AuthResponse. */
    interface $Properties {

        /** AuthResponse payload */
        payload?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an AuthResponse. */
    type $Shape = AuthResponse.$Properties;
}

/**
 * Properties of an AuthDone.
 * @deprecated Use AuthDone.$Properties instead.
 */
export interface IAuthDone extends AuthDone.$Properties {
}

/** Represents an AuthDone. */
export class AuthDone {

    /**
     * Constructs a new AuthDone.
     * @param [properties] Properties to set
     */
    constructor(properties?: AuthDone.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** AuthDone payload. */
    payload: Uint8Array;

    /**
     * Encodes the specified AuthDone message. Does not implicitly {@link AuthDone.verify|verify} messages.
     * @param message AuthDone message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: AuthDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an AuthDone message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {AuthDone & AuthDone.$Shape} AuthDone
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): AuthDone & AuthDone.$Shape;
}

export namespace AuthDone {

    /** Properties of an AuthDone. */
    interface $Properties {

        /** AuthDone payload */
        payload?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an AuthDone. */
    type $Shape = AuthDone.$Properties;
}

/**
 * Properties of an AuthRejected.
 * @deprecated Use AuthRejected.$Properties instead.
 */
export interface IAuthRejected extends AuthRejected.$Properties {
}

/** Represents an AuthRejected. */
export class AuthRejected {

    /**
     * Constructs a new AuthRejected.
     * @param [properties] Properties to set
     */
    constructor(properties?: AuthRejected.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** AuthRejected reason. */
    reason: string;

    /**
     * Encodes the specified AuthRejected message. Does not implicitly {@link AuthRejected.verify|verify} messages.
     * @param message AuthRejected message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: AuthRejected.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an AuthRejected message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {AuthRejected & AuthRejected.$Shape} AuthRejected
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): AuthRejected & AuthRejected.$Shape;
}

export namespace AuthRejected {

    /** Properties of an AuthRejected. */
    interface $Properties {

        /** AuthRejected reason */
        reason?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an AuthRejected. */
    type $Shape = AuthRejected.$Properties;
}

/**
 * Properties of a Resume.
 * @deprecated Use Resume.$Properties instead.
 */
export interface IResume extends Resume.$Properties {
}

/** Represents a Resume. */
export class Resume {

    /**
     * Constructs a new Resume.
     * @param [properties] Properties to set
     */
    constructor(properties?: Resume.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Resume id. */
    id: Uint8Array;

    /** Resume marks. */
    marks: Marks.$Properties[];

    /** Resume control. */
    control?: (Marks.$Properties|null);

    /**
     * Encodes the specified Resume message. Does not implicitly {@link Resume.verify|verify} messages.
     * @param message Resume message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Resume.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Resume message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Resume & Resume.$Shape} Resume
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Resume & Resume.$Shape;
}

export namespace Resume {

    /** Properties of a Resume. */
    interface $Properties {

        /** Resume id */
        id?: (Uint8Array|null);

        /** Resume marks */
        marks?: (Marks.$Properties[]|null);

        /** Resume control */
        control?: (Marks.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Resume. */
    type $Shape = Resume.$Properties;
}

/**
 * Properties of an Open.
 * @deprecated Use Open.$Properties instead.
 */
export interface IOpen extends Open.$Properties {
}

/** Represents an Open. */
export class Open {

    /**
     * Constructs a new Open.
     * @param [properties] Properties to set
     */
    constructor(properties?: Open.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Open ballot. */
    ballot?: (Ballot.$Properties|null);

    /** Open channel. */
    channel: number;

    /** Open policy. */
    policy: Policy;

    /** Open fresh. */
    fresh: Uint8Array;

    /** Open resume. */
    resume: Resume.$Properties[];

    /** Open grant. */
    grant?: (Grant.$Properties|null);

    /** Open counted. */
    counted: Side;

    /**
     * Encodes the specified Open message. Does not implicitly {@link Open.verify|verify} messages.
     * @param message Open message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Open.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an Open message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Open & Open.$Shape} Open
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Open & Open.$Shape;
}

export namespace Open {

    /** Properties of an Open. */
    interface $Properties {

        /** Open ballot */
        ballot?: (Ballot.$Properties|null);

        /** Open channel */
        channel?: (number|null);

        /** Open policy */
        policy?: (Policy|null);

        /** Open fresh */
        fresh?: (Uint8Array|null);

        /** Open resume */
        resume?: (Resume.$Properties[]|null);

        /** Open grant */
        grant?: (Grant.$Properties|null);

        /** Open counted */
        counted?: (Side|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an Open. */
    type $Shape = Open.$Properties;
}

/**
 * Properties of an Opened.
 * @deprecated Use Opened.$Properties instead.
 */
export interface IOpened extends Opened.$Properties {
}

/** Represents an Opened. */
export class Opened {

    /**
     * Constructs a new Opened.
     * @param [properties] Properties to set
     */
    constructor(properties?: Opened.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Opened id. */
    id: Uint8Array;

    /** Opened resumed. */
    resumed: boolean;

    /** Opened marks. */
    marks: Marks.$Properties[];

    /** Opened policy. */
    policy: Policy;

    /** Opened grant. */
    grant?: (Grant.$Properties|null);

    /** Opened checksum. */
    checksum: number;

    /** Opened control. */
    control?: (Marks.$Properties|null);

    /**
     * Encodes the specified Opened message. Does not implicitly {@link Opened.verify|verify} messages.
     * @param message Opened message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Opened.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an Opened message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Opened & Opened.$Shape} Opened
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Opened & Opened.$Shape;
}

export namespace Opened {

    /** Properties of an Opened. */
    interface $Properties {

        /** Opened id */
        id?: (Uint8Array|null);

        /** Opened resumed */
        resumed?: (boolean|null);

        /** Opened marks */
        marks?: (Marks.$Properties[]|null);

        /** Opened policy */
        policy?: (Policy|null);

        /** Opened grant */
        grant?: (Grant.$Properties|null);

        /** Opened checksum */
        checksum?: (number|null);

        /** Opened control */
        control?: (Marks.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an Opened. */
    type $Shape = Opened.$Properties;
}

/**
 * Properties of a Confirm.
 * @deprecated Use Confirm.$Properties instead.
 */
export interface IConfirm extends Confirm.$Properties {
}

/** Represents a Confirm. */
export class Confirm {

    /**
     * Constructs a new Confirm.
     * @param [properties] Properties to set
     */
    constructor(properties?: Confirm.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /**
     * Encodes the specified Confirm message. Does not implicitly {@link Confirm.verify|verify} messages.
     * @param message Confirm message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Confirm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Confirm message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Confirm & Confirm.$Shape} Confirm
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Confirm & Confirm.$Shape;
}

export namespace Confirm {

    /** Properties of a Confirm. */
    interface $Properties {

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Confirm. */
    type $Shape = Confirm.$Properties;
}

/**
 * Properties of a Yield.
 * @deprecated Use Yield.$Properties instead.
 */
export interface IYield extends Yield.$Properties {
}

/** Represents a Yield. */
export class Yield {

    /**
     * Constructs a new Yield.
     * @param [properties] Properties to set
     */
    constructor(properties?: Yield.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Yield epoch. */
    epoch: number;

    /**
     * Encodes the specified Yield message. Does not implicitly {@link Yield.verify|verify} messages.
     * @param message Yield message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Yield.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Yield message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Yield & Yield.$Shape} Yield
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Yield & Yield.$Shape;
}

export namespace Yield {

    /** Properties of a Yield. */
    interface $Properties {

        /** Yield epoch */
        epoch?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Yield. */
    type $Shape = Yield.$Properties;
}

/**
 * Properties of a Reject.
 * @deprecated Use Reject.$Properties instead.
 */
export interface IReject extends Reject.$Properties {
}

/** Represents a Reject. */
export class Reject {

    /**
     * Constructs a new Reject.
     * @param [properties] Properties to set
     */
    constructor(properties?: Reject.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Reject code. */
    code: string;

    /** Reject reason. */
    reason: string;

    /**
     * Encodes the specified Reject message. Does not implicitly {@link Reject.verify|verify} messages.
     * @param message Reject message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Reject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Reject message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Reject & Reject.$Shape} Reject
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Reject & Reject.$Shape;
}

export namespace Reject {

    /** Properties of a Reject. */
    interface $Properties {

        /** Reject code */
        code?: (string|null);

        /** Reject reason */
        reason?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Reject. */
    type $Shape = Reject.$Properties;
}

/**
 * Properties of an Ack.
 * @deprecated Use Ack.$Properties instead.
 */
export interface IAck extends Ack.$Properties {
}

/** Represents an Ack. */
export class Ack {

    /**
     * Constructs a new Ack.
     * @param [properties] Properties to set
     */
    constructor(properties?: Ack.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Ack marks. */
    marks: Marks.$Properties[];

    /** Ack credit. */
    credit?: (Budget.$Properties|null);

    /** Ack control. */
    control?: (Marks.$Properties|null);

    /**
     * Encodes the specified Ack message. Does not implicitly {@link Ack.verify|verify} messages.
     * @param message Ack message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an Ack message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Ack & Ack.$Shape} Ack
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Ack & Ack.$Shape;
}

export namespace Ack {

    /** Properties of an Ack. */
    interface $Properties {

        /** Ack marks */
        marks?: (Marks.$Properties[]|null);

        /** Ack credit */
        credit?: (Budget.$Properties|null);

        /** Ack control */
        control?: (Marks.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an Ack. */
    type $Shape = Ack.$Properties;
}

/**
 * Properties of a Keepalive.
 * @deprecated Use Keepalive.$Properties instead.
 */
export interface IKeepalive extends Keepalive.$Properties {
}

/** Represents a Keepalive. */
export class Keepalive {

    /**
     * Constructs a new Keepalive.
     * @param [properties] Properties to set
     */
    constructor(properties?: Keepalive.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Keepalive token. */
    token?: (Sequence.$Properties|null);

    /**
     * Encodes the specified Keepalive message. Does not implicitly {@link Keepalive.verify|verify} messages.
     * @param message Keepalive message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Keepalive.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Keepalive message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Keepalive & Keepalive.$Shape} Keepalive
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Keepalive & Keepalive.$Shape;
}

export namespace Keepalive {

    /** Properties of a Keepalive. */
    interface $Properties {

        /** Keepalive token */
        token?: (Sequence.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Keepalive. */
    type $Shape = Keepalive.$Properties;
}

/**
 * Properties of a KeepaliveAck.
 * @deprecated Use KeepaliveAck.$Properties instead.
 */
export interface IKeepaliveAck extends KeepaliveAck.$Properties {
}

/** Represents a KeepaliveAck. */
export class KeepaliveAck {

    /**
     * Constructs a new KeepaliveAck.
     * @param [properties] Properties to set
     */
    constructor(properties?: KeepaliveAck.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** KeepaliveAck token. */
    token?: (Sequence.$Properties|null);

    /**
     * Encodes the specified KeepaliveAck message. Does not implicitly {@link KeepaliveAck.verify|verify} messages.
     * @param message KeepaliveAck message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: KeepaliveAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a KeepaliveAck message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {KeepaliveAck & KeepaliveAck.$Shape} KeepaliveAck
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): KeepaliveAck & KeepaliveAck.$Shape;
}

export namespace KeepaliveAck {

    /** Properties of a KeepaliveAck. */
    interface $Properties {

        /** KeepaliveAck token */
        token?: (Sequence.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a KeepaliveAck. */
    type $Shape = KeepaliveAck.$Properties;
}

/**
 * Properties of a Goodbye.
 * @deprecated Use Goodbye.$Properties instead.
 */
export interface IGoodbye extends Goodbye.$Properties {
}

/** Represents a Goodbye. */
export class Goodbye {

    /**
     * Constructs a new Goodbye.
     * @param [properties] Properties to set
     */
    constructor(properties?: Goodbye.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Goodbye reason. */
    reason: string;

    /**
     * Encodes the specified Goodbye message. Does not implicitly {@link Goodbye.verify|verify} messages.
     * @param message Goodbye message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Goodbye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Goodbye message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Goodbye & Goodbye.$Shape} Goodbye
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Goodbye & Goodbye.$Shape;
}

export namespace Goodbye {

    /** Properties of a Goodbye. */
    interface $Properties {

        /** Goodbye reason */
        reason?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Goodbye. */
    type $Shape = Goodbye.$Properties;
}

/**
 * Properties of a Failure.
 * @deprecated Use Failure.$Properties instead.
 */
export interface IFailure extends Failure.$Properties {
}

/** Represents a Failure. */
export class Failure {

    /**
     * Constructs a new Failure.
     * @param [properties] Properties to set
     */
    constructor(properties?: Failure.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Failure lane. */
    lane: number;

    /** Failure seq. */
    seq?: (Sequence.$Properties|null);

    /** Failure code. */
    code: string;

    /** Failure errorCode. */
    errorCode: string;

    /** Failure reason. */
    reason: string;

    /**
     * Encodes the specified Failure message. Does not implicitly {@link Failure.verify|verify} messages.
     * @param message Failure message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Failure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Failure message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Failure & Failure.$Shape} Failure
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Failure & Failure.$Shape;
}

export namespace Failure {

    /** Properties of a Failure. */
    interface $Properties {

        /** Failure lane */
        lane?: (number|null);

        /** Failure seq */
        seq?: (Sequence.$Properties|null);

        /** Failure code */
        code?: (string|null);

        /** Failure errorCode */
        errorCode?: (string|null);

        /** Failure reason */
        reason?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Failure. */
    type $Shape = Failure.$Properties;
}

/**
 * Properties of a Failed.
 * @deprecated Use Failed.$Properties instead.
 */
export interface IFailed extends Failed.$Properties {
}

/** Represents a Failed. */
export class Failed {

    /**
     * Constructs a new Failed.
     * @param [properties] Properties to set
     */
    constructor(properties?: Failed.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Failed first. */
    first?: (Sequence.$Properties|null);

    /** Failed failures. */
    failures: Failure.$Properties[];

    /** Failed taken. */
    taken?: (Sequence.$Properties|null);

    /**
     * Encodes the specified Failed message. Does not implicitly {@link Failed.verify|verify} messages.
     * @param message Failed message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Failed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Failed message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Failed & Failed.$Shape} Failed
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Failed & Failed.$Shape;
}

export namespace Failed {

    /** Properties of a Failed. */
    interface $Properties {

        /** Failed first */
        first?: (Sequence.$Properties|null);

        /** Failed failures */
        failures?: (Failure.$Properties[]|null);

        /** Failed taken */
        taken?: (Sequence.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Failed. */
    type $Shape = Failed.$Properties;
}
