"""The words of every refusal, error and warning, in Chinese and English: what is wrong and how to mend it.

Each code has two templates for ``str.format``. A parameter whose wording depends on the language comes as two,
``…_zh`` and ``…_en``. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping

_XLSX_ZH = "请在 Excel 或 WPS 中打开，另存为“Excel 工作簿 (*.xlsx)”或“CSV UTF-8”后再导入。"
_XLSX_EN = 'Open it in Excel or WPS, save it as "Excel Workbook (*.xlsx)" or "CSV UTF-8", and import that.'
_KINDS_ZH = "请提供 CSV、XLSX、JSON Lines 或 Parquet 文件。"
_KINDS_EN = "Provide a CSV, XLSX, JSON Lines or Parquet file."
_SPLIT_ZH = "请拆分成几个较小的文件分别导入。"
_SPLIT_EN = "Split it into smaller files and import them one by one."

FILE_MESSAGES: dict[str, tuple[str, str]] = {
    "file.empty": (
        "文件里没有任何内容。请检查是否选错文件，或导出未完成。",
        "The file has nothing in it. Check that it is the right file and that its export was complete.",
    ),
    "file.too_large": (
        "文件大小超过 {limit_mb} MB 的上限。" + _SPLIT_ZH,
        "The file is larger than the limit of {limit_mb} MB. " + _SPLIT_EN,
    ),
    "file.too_many_rows": (
        "数据超过 {limit} 行的上限。" + _SPLIT_ZH,
        "The file has more than {limit} rows of data, the limit. " + _SPLIT_EN,
    ),
    "file.too_many_columns": (
        "共有 {count} 列，超过 {limit} 列的上限。请删除不需要的列；如果本应只有几列，请检查分隔符。",
        "It has {count} columns, more than the limit of {limit}. Remove the columns that are not needed; if there "
        "should be only a few, check the separator.",
    ),
    "file.changed": (
        "文件在检查之后被改动过，未写入任何数据。请重新检查后再导入。",
        "The file was changed after it was checked; nothing was written. Check it again, then import it.",
    ),
    "file.unreadable": (
        "无法读取该文件：{reason}。请确认路径正确、文件未被其他程序占用。",
        "The file cannot be read: {reason}. Make sure that the path is right and no other program holds the file.",
    ),
    "kind.xls": (
        "这是旧版 Excel 文件 (.xls)，不能直接读取。" + _XLSX_ZH,
        "This is an old Excel file (.xls), which is not read. " + _XLSX_EN,
    ),
    "kind.encrypted": (
        "文件设有打开密码。请在 Excel 或 WPS 中去掉密码后另存，再导入。",
        "The file is locked with a password. Remove the password in Excel or WPS, save it, and import that.",
    ),
    "kind.ole": (
        "这是旧版 Office 文档，不是表格数据。" + _KINDS_ZH,
        "This is an old Office document, not a table of records. " + _KINDS_EN,
    ),
    "kind.xlsb": (
        "这是二进制 Excel 文件 (.xlsb)，不能读取。" + _XLSX_ZH,
        "This is a binary Excel file (.xlsb), which is not read. " + _XLSX_EN,
    ),
    "kind.ods": (
        "这是 OpenDocument 表格 (.ods)，不能读取。请另存为 XLSX 或 CSV (UTF-8) 后再导入。",
        "This is an OpenDocument sheet (.ods), which is not read. Save it as XLSX or CSV (UTF-8) and import that.",
    ),
    "kind.office_document": (
        "这是 Word 或 PowerPoint 文档，不是表格。请把其中的表格复制到 Excel 并存为 XLSX 后再导入。",
        "This is a Word or PowerPoint document, not a sheet. Copy its table into Excel, save it as XLSX, import that.",
    ),
    "kind.zip": (
        "这是压缩包 (zip)。请先解压，再导入其中的表格文件。",
        "This is a zip archive. Unpack it and import the table inside.",
    ),
    "kind.compressed": (
        "这是 {format} 压缩文件。请先解压，再导入其中的表格文件。",
        "This is a file compressed with {format}. Unpack it and import the table inside.",
    ),
    "kind.pdf": (
        "这是 PDF 文件，不是表格数据。请向提供方索取原始的 Excel 或 CSV 文件。",
        "This is a PDF, not a table of records. Ask whoever made it for the original Excel or CSV file.",
    ),
    "kind.image": (
        "这是 {format} 图片，不是表格数据。" + _KINDS_ZH,
        "This is a picture ({format}), not a table of records. " + _KINDS_EN,
    ),
    "kind.html": (
        "这是网页 (HTML)，只是文件名像表格。" + _XLSX_ZH,
        "This is a web page (HTML), even if its name says it is a sheet. " + _XLSX_EN,
    ),
    "kind.xml": (
        "这是 XML 文件（可能是“XML 表格 2003”），不能读取。" + _XLSX_ZH,
        'This is an XML file (perhaps "XML Spreadsheet 2003"), which is not read. ' + _XLSX_EN,
    ),
    "kind.rtf": (
        "这是 RTF 文档，不是表格数据。" + _KINDS_ZH,
        "This is an RTF document, not a table of records. " + _KINDS_EN,
    ),
    "kind.json_document": (
        "这是一个完整的 JSON 文档，而不是 JSON Lines。请改为每行一个对象，例如用 jq -c '.[]' 转换。",
        "This is one JSON document, not JSON Lines. Write one object on each line, for example with jq -c '.[]'.",
    ),
    "kind.parquet_encrypted": (
        "这是加密的 Parquet 文件。请导出为未加密的文件后再导入。",
        "This Parquet file is encrypted. Export it without encryption and import that.",
    ),
    "kind.program": (
        "这是程序或数据库文件（{format}），不是表格数据。" + _KINDS_ZH,
        "This is a program or database file ({format}), not a table of records. " + _KINDS_EN,
    ),
    "kind.binary": (
        "文件不是文本，也不是可识别的表格。若是没有 BOM 的 UTF-16 文本，请另存为 UTF-8。" + _KINDS_ZH,
        "The file is neither text nor a table of a known kind. If it is UTF-16 text without a byte order mark, save it "
        "as UTF-8. " + _KINDS_EN,
    ),
    "kind.utf32": (
        "文本采用 UTF-32 编码，不能读取。请另存为 UTF-8。",
        "The text is in UTF-32, which is not read. Save it as UTF-8.",
    ),
    "encoding.unknown": (
        "无法识别文本编码：既不是 UTF-8、UTF-16，也不是 GB18030/GBK；第 {line} 行起出现无法识别的字节 0x{byte}。"
        "请另存为“CSV UTF-8”后再导入。",
        "The text's encoding is not known: neither UTF-8, UTF-16 nor GB18030/GBK; byte 0x{byte} on line {line} is the "
        'first that cannot be read. Save the file as "CSV UTF-8" and import that.',
    ),
    "encoding.utf16_damaged": (
        "UTF-16 文本在第 {line} 行损坏或被截断。请重新导出，最好存为 UTF-8。",
        "The UTF-16 text is damaged or cut off on line {line}. Export it again, preferably as UTF-8.",
    ),
    "archive.damaged": (
        "XLSX 文件损坏或不完整（{part}）。请重新下载或在 Excel 中打开修复后另存。",
        "The XLSX file is damaged or incomplete ({part}). Download it again, or open it in Excel, repair and save it.",
    ),
    "archive.bomb": (
        "XLSX 内的 {part} 解压后会膨胀 {ratio} 倍以上，疑似“压缩炸弹”，已拒绝。请在 Excel 中删除多余的空行空列后另存。",
        "{part} inside the XLSX inflates more than {ratio} times, as a zip bomb would, so it was refused. Open it in "
        "Excel, delete the surplus empty rows and columns, and save it.",
    ),
    "archive.too_large": (
        "XLSX 解压后超过 {limit_mb} MB 的上限。请删除多余的工作表、图片和空行，或改用 CSV。",
        "The XLSX inflates to more than {limit_mb} MB, the limit. Remove surplus sheets, pictures and empty rows, or "
        "use CSV.",
    ),
    "archive.too_many_entries": (
        "XLSX 内含的部件超过 {limit} 个。请把数据复制到新的工作簿后再导入。",
        "The XLSX holds more than {limit} parts. Copy the data into a new workbook and import that.",
    ),
    "archive.unsafe_xml": (
        "XLSX 的 {part} 中含有 DTD 或实体声明，正常的 Excel 文件不会有，已拒绝。请在 Excel 中打开并另存后再导入。",
        "{part} inside the XLSX declares a DTD or entities, which Excel never writes, so it was refused. Open it in "
        "Excel, save it and import that.",
    ),
    "archive.no_sheet": (
        "工作簿里没有可读的工作表。请把数据放在第一个可见的工作表中。",
        "The workbook has no sheet that can be read. Put the data on the first visible sheet.",
    ),
    "parquet.damaged": (
        "Parquet 文件损坏或不完整（{reason}）。请重新导出。",
        "The Parquet file is damaged or incomplete ({reason}). Export it again.",
    ),
    "parquet.nested": (
        "Parquet 的列“{column}”是嵌套类型（{type}），表格行里放不下。请在导出前展开为普通列。",
        'Column "{column}" of the Parquet file is nested ({type}) and does not fit a row of cells. Flatten it into '
        "plain columns before the export.",
    ),
    "parquet.type": (
        "Parquet 的列“{column}”类型为 {type}，不能读取。请在导出前转换为文本、数值、日期或布尔值。",
        'Column "{column}" of the Parquet file has type {type}, which is not read. Convert it to text, number, date or '
        "boolean before the export.",
    ),
    "parquet.row_group": (
        "Parquet 的第 {group} 个行组解压后超过 {limit_mb} MB 的上限。请用更小的行组重新导出。",
        "Row group {group} of the Parquet file inflates to more than {limit_mb} MB, the limit. Export it with smaller "
        "row groups.",
    ),
    "headings.missing": (
        "缺少必填列：{missing_zh}。文件中的表头是：{found}。{hint_zh}",
        "Required columns are missing: {missing_en}. The headings found are: {found}. {hint_en}",
    ),
    "headings.repeated": (
        "表头“{heading}”出现了不止一次。请删除或改名多余的列。",
        'The heading "{heading}" stands more than once. Remove or rename the surplus column.',
    ),
    "headings.same_column": (
        "表头“{first}”和“{second}”都表示“{column_zh}”这一列。请只保留其中一个。",
        'The headings "{first}" and "{second}" both mean the column "{column_en}". Keep only one of them.',
    ),
    "headings.unreadable": (
        "第 {line} 行的表头无法读取：{reason_zh}",
        "The headings on line {line} cannot be read: {reason_en}",
    ),
    "rows.refused": (
        "有 {rows} 行存在问题（共 {errors} 处），未写入任何数据。第一处在第 {line} 行：{reason_zh}",
        "{rows} rows are bad ({errors} errors), so nothing was written. The first is on line {line}: {reason_en}",
    ),
    "export.value": (
        "第 {number} 条记录的“{column}”无法写出：{reason_zh}",
        'Record {number} cannot be written, column "{column}": {reason_en}',
    ),
    "export.too_many_rows": (
        "Excel 工作表最多容纳 {limit} 行。请改为导出 CSV 或 Parquet。",
        "An Excel sheet holds at most {limit} rows. Export as CSV or Parquet instead.",
    ),
    "schema.ambiguous": (
        "行模式中“{heading}”同时属于 {first} 和 {second}。",
        'In the row schema "{heading}" belongs to both {first} and {second}.',
    ),
    "schema.empty": ("行模式没有任何列。", "The row schema has no columns."),
}

ROW_MESSAGES: dict[str, tuple[str, str]] = {
    "row.too_few_cells": (
        "这一行只有 {found} 列，应有 {expected} 列，可能只剩半行。请补齐缺少的内容或分隔符。",
        "The row has {found} cells where {expected} are expected: perhaps half of it is lost. Add what is missing.",
    ),
    "row.too_many_cells": (
        "这一行有 {found} 列，应为 {expected} 列。内容里若有分隔符，请给该单元格加上英文双引号。",
        "The row has {found} cells where {expected} are expected. If a cell contains the separator, put it in double "
        "quotes.",
    ),
    "row.quotes": (
        "引号不配对或位置不对。单元格含引号时应整体加英文双引号，内部的引号写两次。",
        "Quotation marks do not pair up. A cell with quotes in it must stand in double quotes, each inner one doubled.",
    ),
    "row.open_quote": (
        "从这一行开始的双引号没有闭合，后面的内容缺失或被吞并。请补上右引号。",
        "A double quote opened on this row is never closed, so the rest is lost or swallowed. Add the closing quote.",
    ),
    "row.too_long": (
        "这一行超过 {limit} 个字符的上限。请检查是否漏了换行或引号没有闭合。",
        "The row is longer than {limit} characters, the limit. Check for a lost line break or an unclosed quote.",
    ),
    "row.nul": (
        "这一行含有空字符 (NUL)，文件可能损坏。请重新导出这一行。",
        "The row contains NUL bytes; the file may be damaged. Export this row again.",
    ),
    "row.undecodable": (
        "这一行有不属于 {encoding} 编码的字节，文字已损坏。请改正这一行的文字。",
        "The row has bytes that are not {encoding}; its text is damaged. Correct the text of this row.",
    ),
    "row.json": (
        "这一行不是完整的 JSON 对象（第 {position} 个字符处有误），可能只剩半行。请补全或删除这一行。",
        "The line is not a complete JSON object (it breaks off at character {position}); perhaps half of it is lost. "
        "Complete it or remove it.",
    ),
    "row.json_not_object": (
        "这一行是 JSON，但不是对象。每行应形如 {example}。",
        "The line is JSON but not an object. Each line should look like {example}.",
    ),
    "row.json_repeated_key": (
        "键“{key}”在同一行出现了两次，无法判断取哪个值。请删除其中一个。",
        'The key "{key}" stands twice on the line, so its value is in doubt. Remove one of them.',
    ),
    "row.json_not_finite": (
        "{constant} 不是合法的 JSON 数值。请改为具体数字，没有值时写 null。",
        "{constant} is not a number in JSON. Give a number, or null where there is none.",
    ),
    "row.json_too_deep": (
        "这一行的 JSON 嵌套过深或数字过长，已拒绝。每行应是一个简单对象。",
        "The JSON on this line is nested too deeply or has too long a number. Each line should be one plain object.",
    ),
    "row.check": ("{zh}", "{en}"),
    "cell.required": (
        "“{column_zh}”是必填项，此处为空。请填写。",
        '"{column_en}" is required and is empty here. Fill it in.',
    ),
    "cell.too_long": (
        "内容有 {length} 个字符，超过 {limit} 个字符的上限。请缩短。",
        "The text has {length} characters, more than the limit of {limit}. Shorten it.",
    ),
    "cell.formula": (
        "单元格是公式。公式保存的结果可能已过时，不予采用。请复制后用“选择性粘贴 → 数值”替换。",
        'The cell is a formula; the result stored with it may be out of date and is not used. Copy it and "Paste '
        'Special → Values".',
    ),
    "cell.error_value": (
        "单元格是 Excel 错误值 {value}。请改正或清空。",
        "The cell holds the Excel error {value}. Correct it or empty it.",
    ),
    "cell.damaged": (
        "单元格内容损坏，无法读取。请重新填写。",
        "The cell's content is damaged and cannot be read. Enter it again.",
    ),
    "cell.nested": (
        "此处应是单个值，却是嵌套的列表或对象。请改为单个值。",
        "A single value is expected here, not a nested list or object. Give a single value.",
    ),
    "cell.precision": (
        "数字超过 15 位，Excel 会丢失后面的数字。请先把该列设为“文本”格式，再重新填写。",
        'The number has more than 15 digits, and Excel loses the last ones. Format the column as "Text" and enter it '
        "again.",
    ),
    "cell.not_finite": (
        "此处不是有限的数值（NaN 或无穷）。请填写具体数字或留空。",
        "This is not a finite number (NaN or infinity). Give a number or leave it empty.",
    ),
    "text.character": (
        "含有不允许的字符（空字符或不成对的代理字符）。请删除。",
        "It contains a character that is not allowed (NUL or an unpaired surrogate). Remove it.",
    ),
    "text.scientific": (
        "编号被 Excel 显示成了科学计数法，原来的数字已丢失。请把该列设为“文本”格式后重新填写。",
        'Excel turned this number into scientific notation, so digits are lost. Format the column as "Text" and enter '
        "it again.",
    ),
    "number.integer": ("应为整数，例如 12。", "A whole number is expected, such as 12."),
    "number.decimal": ("应为数字，例如 12.5。", "A number is expected, such as 12.5."),
    "number.places": (
        "小数位数最多 {places} 位。请四舍五入后填写。",
        "At most {places} decimal places are kept. Round the number.",
    ),
    "number.digits": (
        "数字过大，整数部分最多 {digits} 位。请检查单位是否正确。",
        "The number is too large: at most {digits} digits before the point. Check the unit.",
    ),
    "number.minimum": ("不能小于 {minimum}。请改正。", "It may not be less than {minimum}. Correct it."),
    "number.maximum": ("不能大于 {maximum}。请改正。", "It may not be more than {maximum}. Correct it."),
    "date.format": (
        "不是可识别的日期。请写成 2026-03-01 的形式（年-月-日）。",
        "This is not a date that can be read. Write it as 2026-03-01 (year-month-day).",
    ),
    "date.order": (
        "无法判断哪个是日、哪个是月。请写成 2026-03-01 的形式（年-月-日）。",
        "It is not clear which part is the day and which the month. Write it as 2026-03-01 (year-month-day).",
    ),
    "date.no_such_day": (
        "日历上没有这一天。请检查年、月、日。",
        "There is no such day in the calendar. Check year, month and day.",
    ),
    "date.serial": (
        "这是 Excel 的日期序号，不是日期。请把该列设为“日期”格式后保存，或写成 2026-03-01。",
        'This is an Excel day number, not a date. Format the column as "Date" and save, or write 2026-03-01.',
    ),
    "date.time": (
        "此处只要日期，不要时间。请删去时间部分。",
        "Only a date is expected here, without a time. Remove the time.",
    ),
    "date.minimum": ("不能早于 {minimum}。请改正。", "It may not be before {minimum}. Correct it."),
    "date.maximum": ("不能晚于 {maximum}。请改正。", "It may not be after {maximum}. Correct it."),
    "month.format": (
        "不是可识别的月份。请写成 2026-03 的形式（年-月）。",
        "This is not a month that can be read. Write it as 2026-03 (year-month).",
    ),
    "month.day": (
        "此处只要月份，却写到了日。请写成 2026-03 的形式。",
        "Only a month is expected here, not a day. Write it as 2026-03.",
    ),
    "boolean.format": ("请填写“是”或“否”。", "Write yes or no."),
    "choice.unknown": (
        "不在可选范围内。可选：{options_zh}。",
        "This is not one of the choices. Choose from: {options_en}.",
    ),
    "email.format": (
        "不是有效的邮箱地址。请写成 name@example.com 的形式。",
        "This is not an e-mail address. Write it as name@example.com.",
    ),
    "list.too_many": (
        "共有 {count} 项，最多 {limit} 项。请删减。",
        "It has {count} items, at most {limit} are allowed. Remove some.",
    ),
    "list.separator": (
        "列表中的某一项含有分隔符“{separator}”，会被拆成两项。请改写该项。",
        'An item of the list contains the separator "{separator}" and would fall into two. Reword it.',
    ),
    "export.type": (
        "值的类型是 {type}，与该列不符",
        "the value is of type {type}, which does not fit the column",
    ),
    "export.excel_length": (
        "Excel 单元格最多容纳 {limit} 个字符。请改为导出 CSV 或 Parquet。",
        "An Excel cell holds at most {limit} characters. Export as CSV or Parquet instead.",
    ),
}

WARNING_MESSAGES: dict[str, tuple[str, str]] = {
    "warning.unknown_column": (
        "列“{heading}”未使用。{hint_zh}",
        'The column "{heading}" is not used. {hint_en}',
    ),
    "warning.unnamed_column": (
        "第 {position} 列没有表头，其内容未使用。如需导入，请补上表头。",
        "Column {position} has no heading, so its content is not used. Give it a heading to import it.",
    ),
    "warning.extension": (
        "文件名以 {extension} 结尾，但内容是 {kind}，已按内容读取。",
        "The name ends in {extension} but the content is {kind}; it was read by its content.",
    ),
    "warning.encoding": (
        "文本不是 UTF-8，已按 {encoding} 读取。请核对预览中的文字；若有乱码，请另存为“CSV UTF-8”。",
        "The text is not UTF-8 and was read as {encoding}. Look at the preview; if the text is garbled, save the file "
        'as "CSV UTF-8".',
    ),
    "warning.other_sheets": (
        "只读取了工作表“{read}”；未读取：{others}。",
        'Only the sheet "{read}" was read; not read: {others}.',
    ),
}

MESSAGES: dict[str, tuple[str, str]] = FILE_MESSAGES | ROW_MESSAGES | WARNING_MESSAGES


def say(code: str, params: Mapping[str, object], language: str) -> str:
    """The message of ``code`` with ``params`` filled in: Chinese if ``language`` begins with ``zh``, else English."""
    chinese, english = MESSAGES[code]
    return (chinese if language.lower().startswith("zh") else english).format(**params).strip()
