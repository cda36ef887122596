"""What gdb shows of a simulated device. gdb loads it by itself, as it lies beside the program: the
simulator, whose process is debugged, or the firmware, which 'brownout device boot --target pic32
--gdb PORT' runs at the far end.

  ota boot                  boot control: the record that counts, and each slot of the page
  ota store                 the image store as its file system has it: database and files
  ota flash nvm|spi PAGE    a page (its number, or an address in it as 0x...): state and bytes
  ota trace [N]             the last N operations and events

All look into the flashes, whatever the firmware is doing, and change nothing. Boot control records,
database rows, operations and flashes are printed in short; 'print /r' shows them raw.
docs/DEBUGGING.md goes through a failure with it.
"""

import json
import struct
import zlib

import gdb
import gdb.printing

STATUS = {0xFF: 'blank', 0xFE: 'downloaded', 0xFC: 'unbooted', 0xF8: 'valid', 0xF0: 'disabled'}
TYPE = {1: 'production', 3: 'factory'}
PROGRAMMED, TORN, WEAK = 1, 2, 1

# core/bootctl.h
SLOT_SIZE, RECORD_SIZE, WORD_SIZE = 256, 112, 8
MAGIC = 0x4C544342
IMAGE_MAGIC = bytes.fromhex('3db8f396')  # core/image.h


def status_name(value):
    return STATUS.get(int(value), '0x%02X' % int(value))


def structs(frame):
    """The values of the frame that are a struct or point to one, by the struct's name."""
    try:
        block = frame.block()
    except RuntimeError:
        return
    while block and not block.is_global and not block.is_static:
        for symbol in block:
            if not symbol.is_variable and not symbol.is_argument:
                continue
            value = symbol.value(frame)
            if value.is_optimized_out:
                continue
            kind = value.type.strip_typedefs()
            if kind.code == gdb.TYPE_CODE_PTR and int(value):
                kind, value = kind.target().strip_typedefs(), value.dereference()
            if kind.code == gdb.TYPE_CODE_STRUCT:
                yield kind.unqualified().tag, value
        block = block.superblock


def find(wanted):
    """The struct of this name that the program is at work with: in this frame or one that called
    it. A device is also found in the run that it belongs to."""
    frame = gdb.selected_frame()
    while frame:
        for name, value in structs(frame):
            if name == wanted:
                return value
            if name == 'replayer':
                name, value = 'run', value['run']
            if name == wanted:
                return value
            if name == 'run' and wanted == 'device':
                return value['world']['device']
        frame = frame.older()
    raise gdb.GdbError('no %s here; it is there while a boot runs' % wanted)


def read(address, size):
    return bytes(gdb.selected_inferior().read_memory(int(address), int(size)))


def bytes_of(array):
    return read(array.address, array.type.sizeof)


# --- the far end ----------------------------------------------------------------------------------

def is_remote():
    """Is it the firmware that is debugged, and not the simulator?"""
    connection = gdb.selected_inferior().connection
    return connection is not None and connection.type == 'remote'


def monitor(command):
    """What the simulator at the far end says to it."""
    text = gdb.execute('monitor ' + command, False, True).strip('\n')
    if not text:
        raise gdb.GdbError("the far end has no 'monitor %s'; is it brownout?" % command)
    return text


def monitor_json(command):
    text = monitor(command)
    if not text.startswith('{'):
        raise gdb.GdbError(text)
    return json.loads(text)


# --- the flashes ----------------------------------------------------------------------------------

class FarPage:
    """A page of a flash of the device at the far end."""

    def __init__(self, command):
        page = monitor_json(command)
        self.name, self.number = page['flash'], page['page']
        self.unit_size, self.mark_size = page['size'], page['mark_size']
        self.wear = page['erases'], page['flags']
        self.content, self.all_marks = (bytes.fromhex(page[key]) for key in ('bytes', 'marks'))

    def bytes(self, offset, size):
        return self.content

    def marks(self, offset, size):
        return self.all_marks

    def unit(self, number):
        return self.wear


class Flash:
    """One flash of the device, as its cells are."""

    def __init__(self, device, name):
        self.name = name
        self.cells = device[name + '_nor']['below'].dereference()
        self.unit_size = int(self.cells['flash']['erase_size'])
        self.mark_size = int(self.cells['mark_size'])
        self.unit_count = int(self.cells['flash']['size']) // self.unit_size

    def bytes(self, offset, size):
        return read(int(self.cells['bytes']) + offset, size)

    def marks(self, offset, size):
        return read(int(self.cells['marks']) + offset // self.mark_size, size // self.mark_size)

    def unit(self, number):
        unit = self.cells['units'][number]
        return int(unit['erases']), int(unit['flags'])


def print_bytes(offset, data):
    """Lines of 16 bytes; equal ones are told once."""
    last, is_told = None, False
    for at in range(0, len(data), 16):
        line = data[at:at + 16]
        if line == last:
            if not is_told:
                print('*')
            is_told = True
            continue
        last, is_told = line, False
        text = ''.join(chr(c) if 32 <= c < 127 else '.' for c in line)
        print('0x%06X  %s  %s' % (offset + at, ' '.join('%02x' % c for c in line), text))


class OtaFlash(gdb.Command):
    """ota flash nvm|spi PAGE: a page of a flash; PAGE is its number, or an address as 0x21000."""

    def __init__(self):
        super().__init__('ota flash', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        words = argument.split()
        if len(words) != 2 or words[0] not in ('nvm', 'spi'):
            raise gdb.GdbError('usage: ota flash nvm|spi PAGE')
        if is_remote():
            far = FarPage('flash %s %s' % tuple(words))
            self.show(far, far.number)
            return
        flash = Flash(find('device'), words[0])
        try:
            page = int(words[1], 0)
        except ValueError:
            raise gdb.GdbError("'%s' is no page" % words[1]) from None
        if words[1].lower().startswith('0x'):
            page //= flash.unit_size
        if not 0 <= page < flash.unit_count:
            raise gdb.GdbError('%s has pages 0 to %d' % (words[0], flash.unit_count - 1))
        self.show(flash, page)

    @staticmethod
    def show(flash, page):
        offset = page * flash.unit_size
        erases, flags = flash.unit(page)
        marks = flash.marks(offset, flash.unit_size)
        programmed = sum(mark & PROGRAMMED for mark in marks)
        print('%s page %d, 0x%06X: erased %d times%s; %d of %d units of %d bytes programmed' % (
            flash.name, page, offset, erases, ', weak' if flags & WEAK else '', programmed,
            len(marks), flash.mark_size))
        for number, mark in enumerate(marks):
            if mark & TORN:
                print('torn at 0x%06X' % (offset + number * flash.mark_size))
        print_bytes(offset, flash.bytes(offset, flash.unit_size))


# --- boot control ---------------------------------------------------------------------------------

def is_blank(raw):
    return all(c == 0xFF for c in raw)


class Slot:
    """A slot of the boot control page: a record, and behind it its later changes."""

    def __init__(self, number, raw):
        self.number, self.raw = number, raw
        self.is_blank = is_blank(raw[:RECORD_SIZE])
        magic, _, self.kind, self.status = struct.unpack_from('<IHBB', raw)
        self.sequence, self.version, self.size, self.address = struct.unpack_from('<4I', raw, 8)
        self.trials, = struct.unpack_from('<I', raw, 96)
        self.crc, = struct.unpack_from('<I', raw, RECORD_SIZE - 4)
        self.is_good = magic == MAGIC and zlib.crc32(raw[:RECORD_SIZE - 4]) == self.crc
        self.words = list(self.read_words()) if self.is_good else []

    def read_words(self):
        for at in range(RECORD_SIZE, SLOT_SIZE, WORD_SIZE):
            word = self.raw[at:at + WORD_SIZE]
            if is_blank(word):
                return
            crc = zlib.crc32(struct.pack('<I', self.crc) + word[:4])
            yield word[0], word[1], crc == struct.unpack('<I', word[4:])[0]

    def __str__(self):
        if self.raw.startswith(IMAGE_MAGIC):
            return 'slot %2d  the header of a factory image that has not started yet' % self.number
        if not self.is_good:
            return 'slot %2d  damaged: its CRC-32 is wrong' % self.number
        text = 'slot %2d  record %d: version %d, %s, %d bytes, %s, %d trial boots' % (
            self.number, self.sequence, self.version, TYPE.get(self.kind, self.kind), self.size,
            status_name(self.status), self.trials)
        for status, trials, is_good in self.words:
            text += '\n         then %s, %d trial boots' % (status_name(status), trials)
            text += '' if is_good else ' (damaged)'
        return text


class OtaBoot(gdb.Command):
    """ota boot: the boot control page, slot by slot, and what the firmware has read of it."""

    def __init__(self):
        super().__init__('ota boot', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if is_remote():
            flash = FarPage('boot')
            offset = flash.number * flash.unit_size
        else:
            device = find('device')
            flash = Flash(device, 'nvm')
            offset = int(device['config']['layout']['bootctl_offset'])
        page = flash.bytes(offset, flash.unit_size)
        slots = [Slot(at // SLOT_SIZE, page[at:at + SLOT_SIZE])
                 for at in range(0, len(page), SLOT_SIZE)]
        good = [slot for slot in slots if slot.is_good]
        print('boot control page nvm 0x%06X, %d of %d slots used' % (
            offset, sum(not slot.is_blank for slot in slots), len(slots)))
        for slot in slots:
            if not slot.is_blank:
                print(slot)
        if good:
            newest = max(good, key=lambda slot: slot.sequence)
            print('newest   slot %d, version %d' % (newest.number, newest.version))
        else:
            print('newest   none: no record checks')


class OtaStore(gdb.Command):
    """ota store: the image store as its file system has it now."""

    def __init__(self):
        super().__init__('ota store', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.show(monitor_json('store') if is_remote() else self.look())

    @staticmethod
    def look():
        device = find('device')
        text = gdb.parse_and_eval('look_json((struct device *)%d)' % int(device.address))
        if not int(text):
            raise gdb.GdbError('out of memory')
        store = json.loads(text.string())['store']
        gdb.parse_and_eval('(void)free((void *)%d)' % int(text))
        return store

    @staticmethod
    def show(store):
        print('store     %s' % store['state'])
        if store['state'] != 'ok':
            return
        print('database  %s' % store['database']['state'])
        for row in store['database'].get('rows', []):
            print('          version %-5d %-10s  %s' % (
                row['version'], row['status'], row['name']))
        for file in store['files']:
            image = 'version %s, %s' % (file.get('version', '?'), file['image']) \
                if 'image' in file else ''
            print('file      %-24s %8d bytes  %s' % (file['name'], file['size'], image))


class OtaTrace(gdb.Command):
    """ota trace [N]: the last N events and operations, 20 without a number."""

    def __init__(self):
        super().__init__('ota trace', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        try:
            wanted = int(argument or '20')
        except ValueError:
            raise gdb.GdbError('usage: ota trace [N]') from None
        if is_remote():
            print(monitor('trace %d' % wanted))
            return
        trace = find('run')['trace']
        if not int(trace):
            raise gdb.GdbError('this run is not told')
        lines, count = trace['lines'], int(trace['count'])
        room = lines.type.range()[1] + 1
        print('boot         s     op  flash  what     address    size  phase       note')
        for number in range(max(0, count - min(wanted, room)), count):
            print(lines[number % room].string())


class Ota(gdb.Command):
    """Look at the simulated device: ota boot, ota store, ota flash nvm|spi PAGE, ota trace [N]."""

    def __init__(self):
        super().__init__('ota', gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


# --- printers -------------------------------------------------------------------------------------

class RecordPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        record = self.value
        return 'record %d: version %d, %s, %d bytes, %s, %d trial boots%s%s' % (
            record['sequence'], record['version'], TYPE.get(int(record['type']), '?'),
            record['size'], status_name(record['status']), record['trials'],
            ', was confirmed' if record['was_confirmed'] else '',
            ', wants the factory image' if record['wants_factory'] else '')


class BootctlPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if not self.value['has_record']:
            return 'boot control: no record'
        return 'boot control: slot %d, %s' % (
            self.value['slot'], RecordPrinter(self.value['record']).to_string())


class RowPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        row = self.value
        return '%s: version %d, %s, digest %s...' % (
            row['name'].string(), row['version'], status_name(row['status']),
            bytes_of(row['digest'])[:4].hex())


class DatabasePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return 'database of %d rows' % int(self.value['count'])

    def children(self):
        for number in range(int(self.value['count'])):
            yield '[%d]' % number, self.value['rows'][number]

    def display_hint(self):
        return 'array'


class OperationPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        operation = self.value
        kind = 'erase' if int(operation['kind']) else 'program'
        return 'operation %d: %s %s 0x%06X, %d bytes' % (
            operation['number'], kind, operation['power']['flash']['name'].string(),
            operation['offset'], operation['size'])


class CellsPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        flash = self.value['flash']
        return '%s: %d pages of %d bytes' % (
            flash['name'].string(), int(flash['size']) // int(flash['erase_size']),
            flash['erase_size'])


def make_printers():
    printers = gdb.printing.RegexpCollectionPrettyPrinter('brownout')
    printers.add_printer('bootctl_record', '^bootctl_record$', RecordPrinter)
    printers.add_printer('bootctl', '^bootctl$', BootctlPrinter)
    printers.add_printer('database_row', '^database_row$', RowPrinter)
    printers.add_printer('database', '^database$', DatabasePrinter)
    printers.add_printer('power_operation', '^power_operation$', OperationPrinter)
    printers.add_printer('cells', '^cells$', CellsPrinter)
    return printers


for command in (Ota, OtaBoot, OtaStore, OtaFlash, OtaTrace):
    command()
gdb.printing.register_pretty_printer(gdb.current_objfile(), make_printers(), replace=True)
