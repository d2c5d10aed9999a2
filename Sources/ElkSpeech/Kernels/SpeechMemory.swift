import CKernels

/// How a process that transcribes for days deals with its memory.
public enum SpeechMemory {
    /// Makes large blocks go back to the system as soon as they are free; to be called before there are threads.
    ///
    /// Left to itself glibc learns from recordings and attention of megabytes to keep such blocks in its heaps, of which it makes
    /// eight a core: under half an hour of load a server grew by a quarter.
    public static func staySmall() {
        elk_heap_stay_small()
    }
}
