/** Made from object-store.proto by examples/object-store/generate.mjs. Do not edit. */
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/**
 * Properties of a Put.
 * @deprecated Use Put.$Properties instead.
 */
export interface IPut extends Put.$Properties {
}

/** Represents a Put. */
export class Put {

    /**
     * Constructs a new Put.
     * @param [properties] Properties to set
     */
    constructor(properties?: Put.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Put oid. */
    oid: string;

    /** Put sha256. */
    sha256: Uint8Array;

    /**
     * Encodes the specified Put message. Does not implicitly {@link Put.verify|verify} messages.
     * @param message Put message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Put.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Put message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Put & Put.$Shape} Put
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Put & Put.$Shape;
}

export namespace Put {

    /** Properties of a Put. */
    interface $Properties {

        /** Put oid */
        oid?: (string|null);

        /** Put sha256 */
        sha256?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Put. */
    type $Shape = Put.$Properties;
}

/**
 * Properties of a PutDone.
 * @deprecated Use PutDone.$Properties instead.
 */
export interface IPutDone extends PutDone.$Properties {
}

/** Represents a PutDone. */
export class PutDone {

    /**
     * Constructs a new PutDone.
     * @param [properties] Properties to set
     */
    constructor(properties?: PutDone.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /**
     * Encodes the specified PutDone message. Does not implicitly {@link PutDone.verify|verify} messages.
     * @param message PutDone message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: PutDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a PutDone message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {PutDone & PutDone.$Shape} PutDone
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): PutDone & PutDone.$Shape;
}

export namespace PutDone {

    /** Properties of a PutDone. */
    interface $Properties {

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a PutDone. */
    type $Shape = PutDone.$Properties;
}

/**
 * Properties of a Get.
 * @deprecated Use Get.$Properties instead.
 */
export interface IGet extends Get.$Properties {
}

/** Represents a Get. */
export class Get {

    /**
     * Constructs a new Get.
     * @param [properties] Properties to set
     */
    constructor(properties?: Get.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Get oid. */
    oid: string;

    /**
     * Encodes the specified Get message. Does not implicitly {@link Get.verify|verify} messages.
     * @param message Get message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Get.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Get message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Get & Get.$Shape} Get
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Get & Get.$Shape;
}

export namespace Get {

    /** Properties of a Get. */
    interface $Properties {

        /** Get oid */
        oid?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Get. */
    type $Shape = Get.$Properties;
}

/**
 * Properties of a Got.
 * @deprecated Use Got.$Properties instead.
 */
export interface IGot extends Got.$Properties {
}

/** Represents a Got. */
export class Got {

    /**
     * Constructs a new Got.
     * @param [properties] Properties to set
     */
    constructor(properties?: Got.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Got found. */
    found: boolean;

    /**
     * Encodes the specified Got message. Does not implicitly {@link Got.verify|verify} messages.
     * @param message Got message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Got.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Got message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Got & Got.$Shape} Got
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Got & Got.$Shape;
}

export namespace Got {

    /** Properties of a Got. */
    interface $Properties {

        /** Got found */
        found?: (boolean|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Got. */
    type $Shape = Got.$Properties;
}

/**
 * Properties of a Replicate.
 * @deprecated Use Replicate.$Properties instead.
 */
export interface IReplicate extends Replicate.$Properties {
}

/** Represents a Replicate. */
export class Replicate {

    /**
     * Constructs a new Replicate.
     * @param [properties] Properties to set
     */
    constructor(properties?: Replicate.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Replicate oid. */
    oid: string;

    /** Replicate sha256. */
    sha256: Uint8Array;

    /** Replicate number. */
    number: number;

    /**
     * Encodes the specified Replicate message. Does not implicitly {@link Replicate.verify|verify} messages.
     * @param message Replicate message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Replicate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Replicate message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Replicate & Replicate.$Shape} Replicate
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Replicate & Replicate.$Shape;
}

export namespace Replicate {

    /** Properties of a Replicate. */
    interface $Properties {

        /** Replicate oid */
        oid?: (string|null);

        /** Replicate sha256 */
        sha256?: (Uint8Array|null);

        /** Replicate number */
        number?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Replicate. */
    type $Shape = Replicate.$Properties;
}

/**
 * Properties of a Boot.
 * @deprecated Use Boot.$Properties instead.
 */
export interface IBoot extends Boot.$Properties {
}

/** Represents a Boot. */
export class Boot {

    /**
     * Constructs a new Boot.
     * @param [properties] Properties to set
     */
    constructor(properties?: Boot.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Boot name. */
    name: string;

    /** Boot address. */
    address: string;

    /**
     * Encodes the specified Boot message. Does not implicitly {@link Boot.verify|verify} messages.
     * @param message Boot message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Boot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Boot message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Boot & Boot.$Shape} Boot
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Boot & Boot.$Shape;
}

export namespace Boot {

    /** Properties of a Boot. */
    interface $Properties {

        /** Boot name */
        name?: (string|null);

        /** Boot address */
        address?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Boot. */
    type $Shape = Boot.$Properties;
}

/**
 * Properties of an OsdMap.
 * @deprecated Use OsdMap.$Properties instead.
 */
export interface IOsdMap extends OsdMap.$Properties {
}

/** Represents an OsdMap. */
export class OsdMap {

    /**
     * Constructs a new OsdMap.
     * @param [properties] Properties to set
     */
    constructor(properties?: OsdMap.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** OsdMap epoch. */
    epoch: number;

    /** OsdMap daemons. */
    daemons: OsdMap.Daemon.$Properties[];

    /**
     * Encodes the specified OsdMap message. Does not implicitly {@link OsdMap.verify|verify} messages.
     * @param message OsdMap message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: OsdMap.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an OsdMap message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {OsdMap & OsdMap.$Shape} OsdMap
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): OsdMap & OsdMap.$Shape;
}

export namespace OsdMap {

    /** Properties of an OsdMap. */
    interface $Properties {

        /** OsdMap epoch */
        epoch?: (number|null);

        /** OsdMap daemons */
        daemons?: (OsdMap.Daemon.$Properties[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an OsdMap. */
    type $Shape = OsdMap.$Properties;

    /**
     * Properties of a Daemon.
     * @deprecated Use OsdMap.Daemon.$Properties instead.
     */
    interface IDaemon extends OsdMap.Daemon.$Properties {
    }

    /** Represents a Daemon. */
    class Daemon {

        /**
         * Constructs a new Daemon.
         * @param [properties] Properties to set
         */
        constructor(properties?: OsdMap.Daemon.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Daemon name. */
        name: string;

        /** Daemon address. */
        address: string;

        /**
         * Encodes the specified Daemon message. Does not implicitly {@link OsdMap.Daemon.verify|verify} messages.
         * @param message Daemon message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: OsdMap.Daemon.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Daemon message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {OsdMap.Daemon & OsdMap.Daemon.$Shape} Daemon
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): OsdMap.Daemon & OsdMap.Daemon.$Shape;
    }

    namespace Daemon {

        /** Properties of a Daemon. */
        interface $Properties {

            /** Daemon name */
            name?: (string|null);

            /** Daemon address */
            address?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Daemon. */
        type $Shape = OsdMap.Daemon.$Properties;
    }
}

/**
 * Properties of a Report.
 * @deprecated Use Report.$Properties instead.
 */
export interface IReport extends Report.$Properties {
}

/** Represents a Report. */
export class Report {

    /**
     * Constructs a new Report.
     * @param [properties] Properties to set
     */
    constructor(properties?: Report.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Report number. */
    number: number;

    /** Report counters. */
    counters?: (Counters.$Properties|null);

    /**
     * Encodes the specified Report message. Does not implicitly {@link Report.verify|verify} messages.
     * @param message Report message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Report.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Report message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Report & Report.$Shape} Report
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Report & Report.$Shape;
}

export namespace Report {

    /** Properties of a Report. */
    interface $Properties {

        /** Report number */
        number?: (number|null);

        /** Report counters */
        counters?: (Counters.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Report. */
    type $Shape = Report.$Properties;
}

/**
 * Properties of a Counters.
 * @deprecated Use Counters.$Properties instead.
 */
export interface ICounters extends Counters.$Properties {
}

/** Represents a Counters. */
export class Counters {

    /**
     * Constructs a new Counters.
     * @param [properties] Properties to set
     */
    constructor(properties?: Counters.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Counters linksCut. */
    linksCut: number;

    /** Counters sessions. */
    sessions: number;

    /** Counters resumes. */
    resumes: number;

    /** Counters replays. */
    replays: number;

    /** Counters duplicates. */
    duplicates: number;

    /** Counters handedBack. */
    handedBack: number;

    /** Counters sentAgain. */
    sentAgain: number;

    /** Counters disorders. */
    disorders: number;

    /** Counters errors. */
    errors: number;

    /** Counters peakRssMib. */
    peakRssMib: number;

    /**
     * Encodes the specified Counters message. Does not implicitly {@link Counters.verify|verify} messages.
     * @param message Counters message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Counters.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Counters message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Counters & Counters.$Shape} Counters
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Counters & Counters.$Shape;
}

export namespace Counters {

    /** Properties of a Counters. */
    interface $Properties {

        /** Counters linksCut */
        linksCut?: (number|null);

        /** Counters sessions */
        sessions?: (number|null);

        /** Counters resumes */
        resumes?: (number|null);

        /** Counters replays */
        replays?: (number|null);

        /** Counters duplicates */
        duplicates?: (number|null);

        /** Counters handedBack */
        handedBack?: (number|null);

        /** Counters sentAgain */
        sentAgain?: (number|null);

        /** Counters disorders */
        disorders?: (number|null);

        /** Counters errors */
        errors?: (number|null);

        /** Counters peakRssMib */
        peakRssMib?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Counters. */
    type $Shape = Counters.$Properties;
}
